//! The run folder: everything a run leaves on disk.
//!
//! ```text
//! config.toml, tokenizer.source.json, tokenizer.target.json, metrics.jsonl, log.txt, lock
//! checkpoints/<step>/{model.safetensors, optimizer.safetensors, state.json}
//! checkpoints/best -> <step>, checkpoints/last -> <step>
//! ```

mod checkpoint;
pub(crate) mod exact;
mod journal;
mod lock;
mod pointer;
mod tensors;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use data::tokenizer::Tokenizer;
use model::parameters::Parameters;

pub use checkpoint::{Checkpoint, State};
pub use journal::Journal;
pub use lock::Lock;
pub use tensors::{read_tensors, write_quantised_tensors, write_tensors};

use crate::config::{Config, Loaded};
use crate::error::RunError;
use crate::reader::Reader;

/// A run folder.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
}

/// Which checkpoint of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The best by validation.
    Best,
    /// The latest.
    Last,
    /// That of an update.
    Step(u64),
}

impl std::str::FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "best" => Ok(Which::Best),
            "last" => Ok(Which::Last),
            step => step
                .parse()
                .map(Which::Step)
                .map_err(|_| format!("`{step}` is neither best, last nor the number of a step")),
        }
    }
}

impl std::fmt::Display for Which {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Which::Best => f.write_str("best"),
            Which::Last => f.write_str("last"),
            Which::Step(step) => step.fmt(f),
        }
    }
}

/// What to do where a run already is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Say so and stop.
    Refuse,
    /// Go on with it.
    Resume,
    /// Remove it first.
    Overwrite,
}

impl RunFolder {
    /// Names a folder; nothing is touched.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The files that a command which uses the run reads, or may want again: nothing of another kind may be written there.
    pub fn own_files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = [
            "config.toml",
            "metrics.jsonl",
            "log.txt",
            "report.json",
            "lock",
        ]
        .map(|name| self.file(name))
        .into();
        files.extend(["source", "target"].map(|side| self.tokenizer_file(side)));
        let steps = self.steps().into_iter().map(|step| step.to_string());
        for step in steps {
            let folder = self.checkpoints().join(step);
            files.extend(checkpoint::files().map(|name| folder.join(name)));
        }
        files
    }

    /// The tokenizer of one side, `source` or `target`.
    pub fn tokenizer_file(&self, side: &str) -> PathBuf {
        self.file(&format!("tokenizer.{side}.json"))
    }

    /// Whether a run of this program is here: a `config.toml` that it can read, with a vocabulary, and a lock or a
    /// checkpoint. Nothing is known by its name alone.
    pub fn is_run(&self) -> bool {
        let has_own = self.file("lock").is_file() || !self.steps().is_empty();
        has_own && self.tokenizer_file("target").is_file() && self.config().is_ok()
    }

    /// Says whether a run may begin or go on here.
    ///
    /// # Errors
    /// When a run is there and neither resuming nor overwriting was asked for, or when the folder
    /// holds something else.
    pub fn check(&self, existing: Existing) -> Result<(), RunError> {
        if self.is_run() && existing == Existing::Refuse {
            return Err(RunError::RunExists {
                path: self.path.clone(),
            });
        }
        if !self.is_run() && self.has_strangers() {
            return Err(RunError::NotARun {
                path: self.path.clone(),
            });
        }
        Ok(())
    }

    /// Makes the folder if need be, locks it, and tidies up after a process that was killed in it.
    ///
    /// # Errors
    /// When the folder is in use or cannot be written.
    pub fn lock(&self) -> Result<Lock, RunError> {
        fs::create_dir_all(&self.path).map_err(|error| self.user_error(error))?;
        let lock = Lock::take(&self.path)?;
        checkpoint::mend(&self.checkpoints());
        Ok(lock)
    }

    /// Whether the folder holds files that no run makes.
    fn has_strangers(&self) -> bool {
        let Ok(entries) = fs::read_dir(&self.path) else {
            return false;
        };
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            // A process that was killed before its run began leaves these.
            let ours = ["lock", "log.txt", "config.toml.part"]
                .iter()
                .any(|known| name == *known);
            !ours && !name.to_string_lossy().starts_with("tokenizer.")
        })
    }

    /// Removes what a run made, and nothing else.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn clear(&self) -> Result<(), RunError> {
        let remove = |path: PathBuf| {
            let is_folder = fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
            let result = if is_folder {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            match result {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    Err(RunError::UserFile {
                        action: "remove",
                        path,
                        source,
                    })
                }
                _ => Ok(()),
            }
        };
        // The vocabularies and the config go last: an interrupted removal still looks like a run.
        self.clear_checkpoints(&remove)?;
        for name in ["metrics.jsonl", "log.txt", "report.json"] {
            remove(self.file(name))?;
        }
        remove(self.tokenizer_file("source"))?;
        remove(self.file("config.toml"))?;
        remove(self.tokenizer_file("target"))
    }

    /// Removes the checkpoints; what else may lie among them stays.
    fn clear_checkpoints(
        &self,
        remove: &impl Fn(PathBuf) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let folder = self.checkpoints();
        let Ok(entries) = fs::read_dir(&folder) else {
            return Ok(());
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let step = name.trim_start_matches('.');
            let step = step.split_once('.').map_or(step, |(step, _)| step);
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let is_mark = matches!(step, "best" | "last");
            if is_mark && !is_folder {
                remove(entry.path())?;
            } else if is_folder && (is_mark || step.parse::<u64>().is_ok()) {
                for own in checkpoint::files() {
                    remove(entry.path().join(own))?;
                    remove(entry.path().join(format!("{own}.part")))?;
                }
                // What else lies there is not ours, and keeps its folder.
                let _ = fs::remove_dir(entry.path());
            }
        }
        // A folder with something else in it stays, and so does a link to one elsewhere.
        let _ = fs::remove_dir(&folder);
        Ok(())
    }

    fn user_error(&self, source: std::io::Error) -> RunError {
        RunError::UserFile {
            action: "write the run folder",
            path: self.path.clone(),
            source,
        }
    }

    /// Writes a file whole or not at all.
    ///
    /// # Errors
    /// When the disk is full or the folder cannot be written.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), RunError> {
        let path = self.file(name);
        write_whole(&path, content).map_err(|source| RunError::RunFile {
            action: "write",
            path,
            source,
        })
    }

    /// The run's config.
    ///
    /// # Errors
    /// When there is no run, or its config cannot be read.
    pub fn config(&self) -> Result<Config, RunError> {
        Ok(self.config_with(&[])?.config)
    }

    /// The run's config with `overrides`, each `KEY=VALUE`, over it.
    ///
    /// # Errors
    /// When there is no run, or its config cannot be read, or an override is wrong.
    pub fn config_with(&self, overrides: &[String]) -> Result<Loaded, RunError> {
        let path = self.file("config.toml");
        if !path.is_file() {
            return Err(RunError::RunMissing {
                path: self.path.clone(),
                missing: "config.toml".into(),
            });
        }
        Ok(Config::load(&path, overrides)?)
    }

    /// How the run, whose config this is, reads its sources, and its target tokenizer.
    ///
    /// # Errors
    /// When a file is missing or damaged.
    pub fn tokenizers(&self, config: &Config) -> Result<(Reader, Tokenizer), RunError> {
        let load = |side| -> Result<Tokenizer, RunError> {
            let path = self.tokenizer_file(side);
            if !path.is_file() {
                return Err(RunError::RunMissing {
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

    fn checkpoints(&self) -> PathBuf {
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
    pub fn step_of(&self, which: &Which) -> Result<u64, RunError> {
        let steps = self.steps();
        let named = |name| pointer::read(&self.checkpoints().join(name));
        let step = match which {
            Which::Best => named("best"),
            // A process that was killed between the two writes leaves an older mark.
            Which::Last => steps.last().copied(),
            Which::Step(step) => Some(*step),
        };
        step.filter(|step| steps.contains(step))
            .ok_or_else(|| RunError::CheckpointMissing {
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

    /// Reads a checkpoint.
    ///
    /// # Errors
    /// When it is missing, damaged, or was trained with another source reader or target vocabulary than `readers`.
    pub fn load(
        &self,
        which: &Which,
        readers: (&Reader, &Tokenizer),
    ) -> Result<Checkpoint, RunError> {
        let folder = self.checkpoint(which)?;
        let checkpoint = Checkpoint::read(&folder)?;
        self.check_vocabularies(folder, &checkpoint.state, readers)?;
        Ok(checkpoint)
    }

    /// Reads of a checkpoint what is needed to translate: the parameters, and where its training stood.
    ///
    /// # Errors
    /// Those of [`Self::load`].
    pub fn load_model(
        &self,
        which: &Which,
        readers: (&Reader, &Tokenizer),
    ) -> Result<(Parameters, State), RunError> {
        let folder = self.checkpoint(which)?;
        let (model, state) = Checkpoint::read_model(&folder)?;
        self.check_vocabularies(folder, &state, readers)?;
        Ok((model, state))
    }

    /// The folder of a checkpoint: that of its step, or where that is missing, the copy that an unpacked run has.
    fn checkpoint(&self, which: &Which) -> Result<PathBuf, RunError> {
        let copy = self.checkpoints().join(which.to_string());
        match self.step_of(which) {
            Err(_) if copy.join("state.json").is_file() => Ok(copy),
            step => Ok(self.checkpoints().join(step?.to_string())),
        }
    }

    /// Refuses vocabularies, source and target, that a checkpoint was not trained with.
    fn check_vocabularies(
        &self,
        folder: PathBuf,
        state: &State,
        readers: (&Reader, &Tokenizer),
    ) -> Result<(), RunError> {
        let [of_source, of_target] = &state.vocabularies;
        let sides = [
            ("source", readers.0.has_fingerprint(of_source), of_source),
            ("target", readers.1.has_fingerprint(of_target), of_target),
        ];
        for (side, is_own, stored) in sides {
            if !is_own {
                if side == "source" && readers.0.images().is_some() {
                    return Err(RunError::OtherImages {
                        path: self.file("config.toml"),
                        checkpoint: folder,
                        stored: stored.clone(),
                    });
                }
                return Err(RunError::OtherVocabulary {
                    path: self.tokenizer_file(side),
                    checkpoint: folder,
                });
            }
        }
        Ok(())
    }

    /// Saves a checkpoint, marks it as the last, marks the best, and removes all others but the
    /// latest `keep`.
    ///
    /// # Errors
    /// When it cannot be written; the earlier ones are whole then.
    pub fn save(&self, checkpoint: &Checkpoint, keep: usize) -> Result<(), RunError> {
        let step = checkpoint.state.step;
        checkpoint.write(&self.checkpoints())?;
        let point = |name: &str, step: u64| {
            let path = self.checkpoints().join(name);
            pointer::write(&path, step).map_err(|source| RunError::RunFile {
                action: "write",
                path,
                source,
            })
        };
        let steps = self.steps();
        let marked = pointer::read(&self.checkpoints().join("best"));
        // Before the first validation, the first checkpoint stands in for the best.
        let best = [checkpoint.state.progress.marked_step, marked, Some(step)]
            .into_iter()
            .flatten()
            .find(|best| steps.contains(best));
        if let Some(best) = best
            && Some(best) != marked
        {
            point("best", best)?;
        }
        point("last", step)?;
        for old in steps.iter().rev().skip(keep.max(1)) {
            if Some(*old) != best {
                // A leftover costs room, not truth: not a reason to stop a run.
                let _ = fs::remove_dir_all(self.checkpoints().join(old.to_string()));
            }
        }
        Ok(())
    }
}

/// Writes a file whole or not at all: beside it first, then renamed over it.
pub fn write_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let result = fs::File::create(&part).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    if let Err(error) = result.and_then(|()| fs::rename(&part, path)) {
        let _ = fs::remove_file(&part);
        return Err(error);
    }
    Ok(())
}
