//! Beginning with another run's weights.

use std::path::Path;

use data::tokenizer::Tokenizer;
use model::ModelConfig;
use model::dropout::DropoutKind;
use model::parameters::Parameters;

use super::suited::Suited;
use crate::config::Config;
use crate::config::Which;
use crate::error::RunError;
use crate::reader::Reader;
use crate::run::RunFolder;

/// Weights and vocabularies that a run begins with, instead of random weights and vocabularies of its own.
#[derive(Debug, Clone)]
pub struct Start {
    /// The weights.
    pub model: Parameters,
    /// How sources are read, and the target vocabulary.
    pub tokenizers: (Reader, Tokenizer),
    /// After how many updates they were saved.
    pub step: u64,
    /// The config that they were learned with.
    pub config: Config,
}

impl Start {
    /// Loads the weights and vocabularies of the run that `train.start_from` of `config` names, if it names one.
    /// Nothing else of that run goes on: optimiser, schedule and data begin anew.
    ///
    /// # Errors
    /// No run, the run in `own` itself, no such checkpoint, a damaged one, or a run of another model or with
    /// other tokenizers.
    pub fn of(config: &Config, own: &Path) -> Result<Option<Self>, RunError> {
        let Some(path) = &config.train.start_from else {
            return Ok(None);
        };
        let places = (path.canonicalize(), own.canonicalize());
        if matches!(places, (Ok(from), Ok(own)) if from == own) {
            return Err(refused(
                path,
                "a run cannot begin with itself; name another folder for this one with `--run-dir`",
            ));
        }
        let folder = RunFolder::at(path);
        if !folder.is_run() {
            return Err(refused(
                path,
                "it is no run folder (it has no `config.toml`); name the folder of a run that was trained",
            ));
        }
        let stored = folder.config()?;
        let mut config = config.clone();
        config.decided_as(&stored);
        let other = [
            ("[model]", shape(&stored.model) != shape(&config.model)),
            ("[tokenizer]", stored.tokenizer != config.tokenizer),
            ("[data.images]", stored.data.images != config.data.images),
        ];
        if let Some((table, _)) = other.into_iter().find(|(_, differs)| *differs) {
            let reason = format!(
                "it was trained with another {table}; weights need the settings they were learned with (but \
                 for dropout): copy that table from its `config.toml`"
            );
            return Err(refused(path, &reason));
        }
        let (source, target) = folder.tokenizers(&stored)?;
        let which = config.train.start_checkpoint.parse().unwrap_or(Which::Best);
        let (model, state) = folder.load_model(&which, (&source, &target))?;
        Ok(Some(Self {
            model,
            tokenizers: (source, target),
            step: state.step,
            config: stored,
        }))
    }
}

fn refused(path: &Path, reason: &str) -> RunError {
    RunError::CannotStart {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

/// Returns the settings that weights depend on, with all others at fixed values.
fn shape(model: &ModelConfig) -> ModelConfig {
    ModelConfig {
        dropout: 0.0,
        dropout_kind: DropoutKind::Plain,
        layer_dropout: None,
        ..model.clone()
    }
}
