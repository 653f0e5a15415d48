//! A trained model with all it needs to translate.

use std::path::{Path, PathBuf};

use clap::Args;
use data::tokenizer::Tokenizer;
use model::search::Searcher;
use model::{Seq2Seq, parameters};

use super::DeviceArgs;
use super::precision::{self, PrecisionArgs};
use crate::backend::{self, Choice};
use crate::config::Config;
use crate::error::RunError;
use crate::run::{RunFolder, State, Which};
use crate::translator::Translator;

/// Which model.
#[derive(Debug, Clone, Args)]
pub(super) struct ModelArgs {
    /// The run folder of a trained model.
    #[arg(long, value_name = "FOLDER")]
    run: PathBuf,
    /// Which checkpoint: best, last or a step.
    #[arg(long, value_name = "WHICH", default_value = "best")]
    checkpoint: Which,
    #[command(flatten)]
    device: DeviceArgs,
}

/// A run's model on a device.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) config: Config,
    pub(super) choice: Choice,
    pub(super) model: Seq2Seq,
    pub(super) source: Tokenizer,
    pub(super) target: Tokenizer,
    pub(super) state: State,
}

impl ModelArgs {
    /// A checkpoint of the run in a folder.
    pub(super) fn new(run: PathBuf, checkpoint: Which, device: DeviceArgs) -> Self {
        Self {
            run,
            checkpoint,
            device,
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.run
    }

    /// Loads the model on the device that was asked for, else on the one the run was trained on.
    pub(super) fn load(&self) -> Result<Loaded, RunError> {
        let folder = RunFolder::at(&self.run);
        let config = folder.config()?;
        let choice = match self.device.backend {
            Some(asked) => backend::choose(asked, self.device.device.unwrap_or(0))?,
            None => {
                let device = self.device.device.unwrap_or(config.train.device);
                backend::choose(config.train.backend, device)?
            }
        };
        let (source, target) = folder.tokenizers()?;
        let prints = [source.fingerprint(), target.fingerprint()];
        let checkpoint = folder.load(&self.checkpoint, [&prints[0], &prints[1]])?;
        let sizes = (source.vocab_size(), target.vocab_size());
        let model = Seq2Seq::new(&config.model, sizes.0, sizes.1, 0, &choice.device)?;
        Ok(Loaded {
            model: parameters::place(model, checkpoint.model)?,
            config,
            choice,
            source,
            target,
            state: checkpoint.state,
        })
    }
}

impl Loaded {
    /// A translator for up to `n_best` translations a sentence, with another beam than the config's where
    /// one is given.
    pub(super) fn translator(
        &self,
        beam: Option<usize>,
        n_best: usize,
        precision: PrecisionArgs,
    ) -> Result<Translator<'_>, RunError> {
        let mut search = self.config.search.clone();
        search.beam = beam.unwrap_or(search.beam);
        if search.beam == 0 {
            return Err(RunError::Usage("`--beam` must be at least 1".into()));
        }
        let precision = precision.choose(&self.choice)?;
        let rows = self.config.valid.batch_size * search.beam.max(n_best);
        let searcher = Searcher::new(&self.model, precision, rows);
        precision::check(precision, &searcher)?;
        Ok(Translator {
            searcher,
            source: &self.source,
            target: &self.target,
            search,
            batch_size: self.config.valid.batch_size,
            pad_multiple: if self.choice.compiles_shapes() { 8 } else { 1 },
        })
    }
}
