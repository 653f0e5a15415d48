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
mod tensors;

use std::fs;
use std::io::Write;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use data::tokenizer::Tokenizer;
use model::parameters::Parameters;

pub use checkpoint::{Checkpoint, State, mean};
pub use journal::Journal;
pub use lock::Lock;
pub use tensors::{write_quantised_parameters, write_quantised_tensors, write_tensors};

use runtime::RuntimeError;
use runtime::folder::ModelFolder;
use runtime::pointer;

use crate::config::Which;
use crate::error::RunError;
use crate::reader::Reader;

/// Lies in a folder whose run is being removed.
const OVERWRITING: &str = "overwriting";

/// A run folder.
#[derive(Debug, Clone)]
pub struct RunFolder(ModelFolder);

impl Deref for RunFolder {
    type Target = ModelFolder;

    fn deref(&self) -> &ModelFolder {
        &self.0
    }
}

/// Treatment of a run that is already there.
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
        Self(ModelFolder::at(path))
    }

    /// Refuses the folder of a run as the place of a new one that a command writes at once.
    ///
    /// # Errors
    /// When there is a run, or something else that is no empty folder.
    pub fn refuse(path: &Path) -> Result<(), RunError> {
        let folder = Self::at(path);
        if folder.is_run() {
            return Err(RunError::Usage(format!(
                "`{}` already holds a run: name another folder with `--out`",
                path.display()
            )));
        }
        folder.check(Existing::Refuse)
    }

    /// Begins a new run that a command writes at once.
    ///
    /// # Errors
    /// Those of [`Self::refuse`], and a folder that cannot be written.
    pub fn begin(path: &Path) -> Result<(Self, Lock), RunError> {
        Self::refuse(path)?;
        let folder = Self::at(path);
        let lock = folder.lock()?;
        if folder.is_half_removed() {
            folder.clear()?;
        }
        Ok((folder, lock))
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
                path: self.path().to_owned(),
            });
        }
        if !self.is_run() && self.has_strangers() {
            return Err(RunError::NotARun {
                path: self.path().to_owned(),
            });
        }
        Ok(())
    }

    /// Makes the folder if need be, locks it, and tidies up after a process that was killed in it.
    ///
    /// # Errors
    /// When the folder is in use or cannot be written.
    pub fn lock(&self) -> Result<Lock, RunError> {
        fs::create_dir_all(self.path()).map_err(|error| self.user_error(error))?;
        let lock = Lock::take(self.path())?;
        checkpoint::mend(&self.checkpoints());
        Ok(lock)
    }

    /// Whether the folder holds files that no run makes.
    fn has_strangers(&self) -> bool {
        let Ok(entries) = fs::read_dir(self.path()) else {
            return false;
        };
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            // A process that was killed before its run began leaves these.
            let ours = ["lock", "log.txt", "config.toml.part", OVERWRITING]
                .iter()
                .any(|known| name == *known);
            !ours && !name.to_string_lossy().starts_with("tokenizer.")
        })
    }

    /// Whether a process was killed while it removed the run that was here.
    pub fn is_half_removed(&self) -> bool {
        self.file(OVERWRITING).is_file()
    }

    /// Removes what a run made, and nothing else. A process that is killed on the way leaves a mark by which the next
    /// one knows, and goes on.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn clear(&self) -> Result<(), RunError> {
        self.write(OVERWRITING, b"")?;
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
        self.clear_checkpoints(&remove)?;
        for name in ["metrics.jsonl", "log.txt", "report.json"] {
            remove(self.file(name))?;
        }
        remove(self.tokenizer_file("source"))?;
        remove(self.file("config.toml"))?;
        remove(self.tokenizer_file("target"))?;
        remove(self.file(OVERWRITING))
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
                for own in runtime::checkpoint::FILES {
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
            path: self.path().to_owned(),
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
        self.check_vocabularies(&folder, &checkpoint.state.vocabularies, readers)?;
        Ok(checkpoint)
    }

    /// Reads the latest checkpoint that is whole. Damaged ones are set aside, and `say` is told so.
    ///
    /// # Errors
    /// Those of [`Self::load`]; the damage of the only one.
    pub fn load_last(
        &self,
        readers: (&Reader, &Tokenizer),
        say: &dyn Fn(&str),
    ) -> Result<Checkpoint, RunError> {
        loop {
            match self.load(&Which::Last, readers) {
                Err(error) if self.set_aside(&Which::Last, &error, say)? => {}
                other => return other,
            }
        }
    }

    /// Reads the best checkpoint as [`Self::load_model`] does. Where it is damaged it is set aside, `say` is told so,
    /// and the latest stands in for it.
    ///
    /// # Errors
    /// Those of [`Self::load_model`]; the damage of the only one.
    pub fn load_best(
        &self,
        readers: (&Reader, &Tokenizer),
        say: &dyn Fn(&str),
    ) -> Result<(Parameters, State), RunError> {
        loop {
            match self.load_model(&Which::Best, readers) {
                Err(error) if self.set_aside(&Which::Best, &error, say)? => {}
                other => return other,
            }
        }
    }

    /// Sets a checkpoint aside if `error` says that it is damaged and there is another; says whether it did.
    fn set_aside(
        &self,
        which: &Which,
        error: &RunError,
        say: &dyn Fn(&str),
    ) -> Result<bool, RunError> {
        let RunError::Runtime(RuntimeError::CheckpointDamaged { path, reason }) = error else {
            return Ok(false);
        };
        // A state of a later version is whole.
        if reason.contains("unknown field") {
            return Ok(false);
        }
        let step = self.step_of(which)?;
        let Some(other) = self.steps().into_iter().rfind(|other| *other != step) else {
            return Ok(false);
        };
        let folder = self.checkpoints().join(step.to_string());
        let failed = |source| RunError::RunFile {
            action: "set aside",
            path: folder.clone(),
            source,
        };
        let mut names = (2..).map(|count| format!("{step}.damaged.{count}"));
        let mut aside = self.checkpoints().join(format!("{step}.damaged"));
        while aside.exists() {
            aside = self.checkpoints().join(names.next().unwrap_or_default());
        }
        fs::rename(&folder, &aside).map_err(failed)?;
        if pointer::read(&self.checkpoints().join("best")) == Some(step) {
            self.point("best", other)?;
        }
        say(&format!(
            "warning: `{}` is damaged ({reason}): the checkpoint is set aside as `{}`, and that of step {other} is used",
            path.display(),
            aside.display()
        ));
        Ok(true)
    }

    /// Removes the checkpoints after update `step`.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn remove_after(&self, step: u64) -> Result<(), RunError> {
        for later in self.steps().into_iter().filter(|later| *later > step) {
            let path = self.checkpoints().join(later.to_string());
            fs::remove_dir_all(&path).map_err(|source| RunError::RunFile {
                action: "remove",
                path,
                source,
            })?;
        }
        match self.steps().last() {
            Some(&last) => {
                let best = pointer::read(&self.checkpoints().join("best"));
                if best.is_none_or(|best| best > step) {
                    self.point("best", last)?;
                }
                self.point("last", last)
            }
            None => {
                for name in ["best", "last"] {
                    // A mark that points nowhere is in nobody's way.
                    let _ = fs::remove_file(self.checkpoints().join(name));
                }
                Ok(())
            }
        }
    }

    /// Points a mark, `best` or `last`, at a step.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn point(&self, name: &str, step: u64) -> Result<(), RunError> {
        let path = self.checkpoints().join(name);
        pointer::write(&path, step).map_err(|source| RunError::RunFile {
            action: "write",
            path,
            source,
        })
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
        let (folder, (model, state)) = self.read_as(which, Checkpoint::read_model)?;
        self.check_vocabularies(&folder, &state.vocabularies, readers)?;
        Ok((model, state))
    }

    /// Saves a checkpoint, marks it as the last, marks the best, and removes all others but the
    /// latest `keep`.
    ///
    /// # Errors
    /// When it cannot be written; the earlier ones are whole then.
    pub fn save(&self, checkpoint: &Checkpoint, keep: usize) -> Result<(), RunError> {
        let step = checkpoint.state.step;
        checkpoint.write(&self.checkpoints())?;
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
            self.point("best", best)?;
        }
        self.point("last", step)?;
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
    sync_names(path.parent());
    Ok(())
}

/// Makes the names in a folder last through a loss of power, where the system can.
pub(crate) fn sync_names(folder: Option<&Path>) {
    // Some file systems cannot, and then there is nothing to be done about it.
    let _ = folder.and_then(|folder| fs::File::open(folder).ok()?.sync_all().ok());
}
