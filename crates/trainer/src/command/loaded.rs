//! A trained model with all it needs to translate.

use std::path::PathBuf;

use clap::Args;
use data::tokenizer::Tokenizer;
use model::search::ensemble;
use model::{Seq2Seq, parameters};

use super::DeviceArgs;
use super::precision::{self, PrecisionArgs};
use crate::backend::{self, Choice};
use crate::config::Config;
use crate::console::say;
use crate::error::RunError;
use crate::reader::Reader;
use crate::run::{RunFolder, State, Which};
use crate::translator::Translator;

/// Which model.
#[derive(Debug, Clone, Args)]
pub(super) struct ModelArgs {
    /// The run folder of a trained model; given several times, all of them together (an ensemble).
    #[arg(long, value_name = "FOLDER", required = true)]
    run: Vec<PathBuf>,
    /// Which checkpoint: best, last or a step; of several runs one for all, or one for each.
    #[arg(long, value_name = "WHICH", default_value = "best")]
    checkpoint: Vec<Which>,
    #[command(flatten)]
    device: DeviceArgs,
}

/// A run's model on a device.
#[derive(Debug)]
pub(super) struct Loaded {
    /// Of several runs, that of the first.
    pub(super) config: Config,
    pub(super) choice: Choice,
    pub(super) model: Seq2Seq,
    /// The models of the other runs.
    pub(super) others: Vec<Seq2Seq>,
    /// Whether any of the models has attention.
    pub(super) attends: bool,
    pub(super) source: Reader,
    pub(super) target: Tokenizer,
    /// Where the first run's training stood.
    pub(super) state: State,
    /// Each run with the step of its checkpoint, for messages.
    named: Vec<String>,
}

impl ModelArgs {
    /// A checkpoint of the run in a folder.
    pub(super) fn new(run: PathBuf, checkpoint: Which, device: DeviceArgs) -> Self {
        Self {
            run: vec![run],
            checkpoint: vec![checkpoint],
            device,
        }
    }

    /// The files of the runs, where no output may go.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let folders = self.run.iter().map(RunFolder::at);
        folders.flat_map(|folder| folder.own_files()).collect()
    }

    /// The folders, for messages.
    pub(super) fn named(&self) -> String {
        let folders = self.run.iter().map(|folder| folder.display().to_string());
        folders.collect::<Vec<_>>().join(" + ")
    }

    /// Loads the only model, on the device that was asked for, else on the one the run was trained on.
    ///
    /// # Errors
    /// Several runs; a run, config or checkpoint that cannot be read.
    pub(super) fn load(&self) -> Result<Loaded, RunError> {
        if self.run.len() > 1 {
            return Err(RunError::Usage(
                "this command is for one model: give `--run` once".into(),
            ));
        }
        self.load_all(&[])
    }

    /// Loads all models, on the device that was asked for, else on the one the first run was trained on, with
    /// `overrides` over its config.
    ///
    /// # Errors
    /// A run, config or checkpoint that cannot be read, a wrong override, and runs with other vocabularies.
    pub(super) fn load_all(&self, overrides: &[String]) -> Result<Loaded, RunError> {
        let (Some(first), [which, others @ ..]) = (self.run.first(), &self.checkpoint[..]) else {
            return Err(RunError::Usage("`--run` is missing".into()));
        };
        if !others.is_empty() && self.checkpoint.len() != self.run.len() {
            return Err(RunError::Usage(format!(
                "`--checkpoint` is given {} times for {} runs: give it once for all, or once for each",
                self.checkpoint.len(),
                self.run.len()
            )));
        }
        let folder = RunFolder::at(first);
        let crate::config::Loaded { config, notices } = folder.config_with(overrides)?;
        for notice in notices {
            say(&format!("note: {notice}"));
        }
        let choice = match self.device.backend {
            Some(asked) => backend::choose(asked, self.device.device.unwrap_or(0))?,
            None => {
                let device = self.device.device.unwrap_or(config.train.device);
                backend::choose(config.train.backend, device)?
            }
        };
        let (source, target) = folder.tokenizers(&config)?;
        let vocabularies = (&source, &target);
        let (model, state) = load_model(&folder, which, &config, vocabularies, &choice)?;
        let mut named = vec![format!("{} of {}", state.step, first.display())];
        let attends = |config: &Config| config.model.attention.kind.asks();
        let mut any_attends = attends(&config);
        let mut members = Vec::new();
        for (place, path) in self.run.iter().enumerate().skip(1) {
            let other = RunFolder::at(path);
            let its_config = other.config()?;
            let (its_source, its_target) = other.tokenizers(&its_config)?;
            if let Some(images) = source.images().or(its_source.images())
                && source.fingerprint() != its_source.fingerprint()
            {
                return Err(RunError::Usage(format!(
                    "`{}` and `{}` cannot be an ensemble: one reads {} and the other does not. Train them with the \
                     same `data.images`, `model.encoder.height` and `model.encoder.input_channels`",
                    first.display(),
                    path.display(),
                    images.fingerprint(),
                )));
            }
            let sizes = |reader: &Reader, tokenizer: &Tokenizer| {
                [
                    (reader.fingerprint(), reader.vocab_size()),
                    (tokenizer.fingerprint(), tokenizer.vocab_size()),
                ]
            };
            let both = sizes(&source, &target)
                .into_iter()
                .zip(sizes(&its_source, &its_target));
            for (side, ((ours, size), (its, its_size))) in
                ["source", "target"].into_iter().zip(both)
            {
                if ours != its {
                    return Err(RunError::Usage(format!(
                        "`{}` and `{}` cannot be an ensemble: their {side} vocabularies differ ({} and {} tokens). \
                         Train them on the same data with the same [tokenizer.{side}], or give both the same \
                         `tokenizer.{side}.file`",
                        first.display(),
                        path.display(),
                        size,
                        its_size,
                    )));
                }
            }
            let which = self.checkpoint.get(place).unwrap_or(which);
            any_attends |= attends(&its_config);
            let (member, its_state) =
                load_model(&other, which, &its_config, vocabularies, &choice)?;
            named.push(format!("{} of {}", its_state.step, path.display()));
            members.push(member);
        }
        Ok(Loaded {
            model,
            others: members,
            attends: any_attends,
            config,
            choice,
            source,
            target,
            state,
            named,
        })
    }
}

/// The model of a checkpoint, and where its training was.
fn load_model(
    folder: &RunFolder,
    which: &Which,
    config: &Config,
    (source, target): (&Reader, &Tokenizer),
    choice: &Choice,
) -> Result<(Seq2Seq, State), RunError> {
    let (parameters, state) = folder.load_model(which, (source, target))?;
    let (source, target) = (source.vocab_size(), target.vocab_size());
    let model = Seq2Seq::new(&config.model, source, target, 0, &choice.device)?;
    Ok((parameters::place(model, parameters)?, state))
}

impl Loaded {
    /// The checkpoints, for messages: `500 of runs/a + 700 of runs/b`.
    pub(super) fn named(&self) -> String {
        self.named.join(" + ")
    }

    /// All models, the first run's first.
    pub(super) fn models(&self) -> Vec<&Seq2Seq> {
        std::iter::once(&self.model).chain(&self.others).collect()
    }

    /// A translator with the config's search.
    pub(super) fn translator(&self, precision: PrecisionArgs) -> Result<Translator<'_>, RunError> {
        let search = self.config.search.clone();
        let precision = precision.choose(&self.choice)?;
        let (favour, average) = (search.favour, search.ensemble);
        let searcher = ensemble(self.models(), precision, favour, average);
        precision::check(precision, &searcher)?;
        Ok(Translator {
            searcher,
            source: &self.source,
            target: &self.target,
            search,
            batch_size: self.config.valid.batch_size,
            pad_multiple: if self.choice.compiles_shapes() { 8 } else { 1 },
            tokenize: self.config.valid.tokenize(),
        })
    }
}
