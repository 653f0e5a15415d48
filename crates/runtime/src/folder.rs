//! Where a model lies: the folder that a training leaves.
//!
//! ```text
//! config.toml, tokenizer.source.json, tokenizer.target.json
//! checkpoints/<step>/{model.safetensors, state.json}
//! checkpoints/best -> <step>, checkpoints/last -> <step>
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use config::{Config, Loaded, Which};
use data::tokenizer::Tokenizer;
use network::{Network, Shape, Values};

use crate::checkpoint::{self, Summary};
use crate::error::RuntimeError;
use crate::package::{self, Package};
use crate::pointer;
use crate::reader::Reader;

/// The files of a run, or of a package, that lie beside checkpoints and tokenizers.
const FILES: [&str; 8] = [
    "config.toml",
    package::CONFIG,
    package::CARD,
    package::PARAMETERS,
    "metrics.jsonl",
    "log.txt",
    "report.json",
    "lock",
];

/// A folder with a trained model.
#[derive(Debug, Clone)]
pub struct ModelFolder {
    path: PathBuf,
    /// What it was unpacked to, which is removed when it is needed no more.
    #[cfg(feature = "command")]
    _unpacked: Option<std::sync::Arc<tempfile::TempDir>>,
}

impl ModelFolder {
    /// Names a folder; nothing is touched.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            #[cfg(feature = "command")]
            _unpacked: None,
        }
    }

    /// Opens the place that a user names: a folder, or a package in one file, which is unpacked.
    ///
    /// # Errors
    /// A file that cannot be unpacked.
    #[cfg(feature = "command")]
    pub fn open(path: &Path) -> Result<Self, RuntimeError> {
        if !path.is_file() {
            return Ok(Self::at(path));
        }
        let (unpacked, package) = crate::archive::unpack(path)?;
        Ok(Self {
            path: package,
            _unpacked: Some(std::sync::Arc::new(unpacked)),
        })
    }

    /// Opens the place that a user names.
    ///
    /// # Errors
    /// None.
    #[cfg(not(feature = "command"))]
    pub fn open(path: &Path) -> Result<Self, RuntimeError> {
        Ok(Self::at(path))
    }

    /// What the folder says of itself, if it is a package and no run.
    ///
    /// # Errors
    /// A package that is damaged.
    pub fn package(&self) -> Result<Option<Package>, RuntimeError> {
        match self.file("config.toml").exists() {
            true => Ok(None),
            false => Package::read(&self.path),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The files that a command which uses the model reads, or may want again: nothing of another kind may be written
    /// there.
    pub fn own_files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = FILES.map(|name| self.file(name)).into();
        files.extend(["source", "target"].map(|side| self.tokenizer_file(side)));
        for step in self.steps() {
            let folder = self.checkpoints().join(step.to_string());
            files.extend(checkpoint::FILES.map(|name| folder.join(name)));
        }
        files
    }

    /// The tokenizer of one side, `source` or `target`.
    pub fn tokenizer_file(&self, side: &str) -> PathBuf {
        self.file(&format!("tokenizer.{side}.json"))
    }

    /// The model's config.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn config(&self) -> Result<Config, RuntimeError> {
        Ok(self.config_with(&[])?.config)
    }

    /// The model's config with `overrides`, each `KEY=VALUE`, over it.
    ///
    /// # Errors
    /// When there is none, or it cannot be read, or an override is wrong.
    pub fn config_with(&self, overrides: &[String]) -> Result<Loaded, RuntimeError> {
        let path = self.file("config.toml");
        if let Some(package) = self.package()? {
            let mut loaded = package.config(overrides)?;
            loaded.notices.extend(package.notice(&self.path));
            return Ok(loaded);
        }
        if !path.is_file() {
            return Err(RuntimeError::RunMissing {
                path: self.path.clone(),
                missing: "config.toml".into(),
            });
        }
        Ok(Config::load(&path, overrides)?)
    }

    /// How the model, whose config this is, reads its sources, and its target tokenizer.
    ///
    /// # Errors
    /// When a file is missing or damaged.
    pub fn tokenizers(&self, config: &Config) -> Result<(Reader, Tokenizer), RuntimeError> {
        let package = self.package()?;
        let load = |side| -> Result<Tokenizer, RuntimeError> {
            let path = self.tokenizer_file(side);
            if let Some(package) = &package {
                let name = format!("tokenizer.{side}.json");
                return Ok(Tokenizer::parse(package.file(&self.path, &name)?, &path)?);
            }
            if !path.is_file() {
                return Err(RuntimeError::RunMissing {
                    path: self.path.clone(),
                    missing: format!("tokenizer.{side}.json"),
                });
            }
            Ok(Tokenizer::load(&path)?)
        };
        let source = match config.images() {
            Some(options) => Reader::Images(options),
            None => load("source")?.into(),
        };
        Ok((source, load("target")?))
    }

    /// Where the checkpoints are.
    pub fn checkpoints(&self) -> PathBuf {
        self.file("checkpoints")
    }

    /// The steps of all whole checkpoints, in order.
    pub fn steps(&self) -> Vec<u64> {
        let Ok(entries) = fs::read_dir(self.checkpoints()) else {
            return Vec::new();
        };
        let mut steps: Vec<u64> = entries
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        steps.sort_unstable();
        steps
    }

    /// The step of a checkpoint.
    ///
    /// # Errors
    /// When there is no such checkpoint.
    pub fn step_of(&self, which: &Which) -> Result<u64, RuntimeError> {
        let steps = self.steps();
        let named = |name| pointer::read(&self.checkpoints().join(name));
        let step = match which {
            Which::Best => named("best"),
            // A process that was killed between the two writes leaves an older mark.
            Which::Last => steps.last().copied(),
            Which::Step(step) => Some(*step),
        };
        step.filter(|step| steps.contains(step))
            .ok_or_else(|| RuntimeError::CheckpointMissing {
                path: self.path.clone(),
                wanted: which.to_string(),
                known: match steps.len() {
                    0 => "none yet".into(),
                    _ => steps
                        .iter()
                        .map(u64::to_string)
                        .collect::<Vec<_>>()
                        .join(", "),
                },
            })
    }

    /// The folder of a checkpoint: that of its step, or where that is missing, the copy that an unpacked run has.
    ///
    /// # Errors
    /// When there is no such checkpoint.
    pub fn checkpoint(&self, which: &Which) -> Result<PathBuf, RuntimeError> {
        let copy = self.checkpoints().join(which.to_string());
        match self.step_of(which) {
            Err(_) if copy.join(checkpoint::STATE).is_file() => Ok(copy),
            step => Ok(self.checkpoints().join(step?.to_string())),
        }
    }

    /// What `read` gives of the folder of a checkpoint, and that folder. A training that goes on may remove the checkpoint
    /// while it is read, and call another the best or the last: then that is read.
    ///
    /// # Errors
    /// When there is no such checkpoint, or those of `read`.
    pub fn read_as<T, E: From<RuntimeError>>(
        &self,
        which: &Which,
        read: impl Fn(&Path) -> Result<T, E>,
    ) -> Result<(PathBuf, T), E> {
        let mut folder = self.checkpoint(which)?;
        loop {
            match read(&folder) {
                Ok(found) => return Ok((folder, found)),
                Err(error) => {
                    let now = self.checkpoint(which)?;
                    if now == folder {
                        return Err(error);
                    }
                    folder = now;
                }
            }
        }
    }

    /// The network of a checkpoint, and the summary of its state.
    ///
    /// # Errors
    /// When it is missing, damaged, or does not belong to `config` or `readers`.
    pub fn network(
        &self,
        which: &Which,
        config: &Config,
        readers: (&Reader, &Tokenizer),
    ) -> Result<(Network<Values>, Summary), RuntimeError> {
        let (folder, (parameters, summary)) = match self.package()? {
            Some(package) => {
                self.check_step(which, package.step)?;
                (self.path.clone(), package.parameters(&self.path)?)
            }
            None => self.read_as(which, checkpoint::read)?,
        };
        self.check_vocabularies(&folder, &summary.vocabularies, readers)?;
        let words = [readers.0.vocab_size(), readers.1.vocab_size()];
        let shapes = Network::<Shape>::new(&config.model, words)?;
        Ok((shapes.fill(parameters)?, summary))
    }

    /// Refuses another checkpoint than that of `step`, the only one of a package.
    fn check_step(&self, which: &Which, step: u64) -> Result<(), RuntimeError> {
        match which {
            Which::Step(wanted) if *wanted != step => Err(RuntimeError::CheckpointMissing {
                path: self.path.clone(),
                wanted: which.to_string(),
                known: step.to_string(),
            }),
            _ => Ok(()),
        }
    }

    /// Refuses vocabularies, source and target, that the checkpoint in `folder` was not trained with: its own are
    /// `stored`.
    ///
    /// # Errors
    /// When they are others.
    pub fn check_vocabularies(
        &self,
        folder: &Path,
        stored: &[String; 2],
        readers: (&Reader, &Tokenizer),
    ) -> Result<(), RuntimeError> {
        let [of_source, of_target] = stored;
        let sides = [
            ("source", readers.0.has_fingerprint(of_source), of_source),
            ("target", readers.1.has_fingerprint(of_target), of_target),
        ];
        for (side, is_own, stored) in sides {
            if is_own {
                continue;
            }
            let checkpoint = folder.to_owned();
            return Err(match side == "source" && readers.0.images().is_some() {
                true => RuntimeError::OtherImages {
                    path: self.file("config.toml"),
                    checkpoint,
                    stored: stored.clone(),
                },
                false => RuntimeError::OtherVocabulary {
                    path: self.tokenizer_file(side),
                    checkpoint,
                },
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_that_is_removed_while_it_is_read_has_a_successor() {
        let run = tempfile::tempdir().unwrap();
        let folder = ModelFolder::at(run.path());
        let point = |step: u64| {
            fs::create_dir_all(folder.checkpoints().join(step.to_string())).unwrap();
            pointer::write(&folder.checkpoints().join("best"), step).unwrap();
        };
        point(1);
        let read = |path: &Path| -> Result<(), RuntimeError> {
            if path.ends_with("1") {
                point(2);
                fs::remove_dir(path).unwrap();
                return Err(checkpoint::damaged(path, "it is gone".into()));
            }
            Ok(())
        };
        let (found, ()) = folder.read_as(&Which::Best, read).unwrap();
        assert!(found.ends_with("2"));
        let always = |path: &Path| -> Result<(), RuntimeError> {
            Err(checkpoint::damaged(path, "it is damaged".into()))
        };
        assert!(folder.read_as(&Which::Best, always).is_err());
    }
}
