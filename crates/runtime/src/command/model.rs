//! `--run` and `--checkpoint`: which model.

use std::path::PathBuf;

use clap::Args;
use config::Which;

use crate::console::say;
use crate::error::RuntimeError;
use crate::folder::ModelFolder;
use crate::model::Folders;

/// Which model.
#[derive(Debug, Clone, Args)]
pub struct ModelArgs {
    /// The run folder of a trained model, or a package; given several times, all of them together (an ensemble).
    #[arg(long, value_name = "FOLDER", required = true)]
    pub run: Vec<PathBuf>,
    /// Which checkpoint: best, last or a step; of several runs one for all, or one for each.
    #[arg(long, value_name = "WHICH", default_value = "best")]
    pub checkpoint: Vec<Which>,
}

impl ModelArgs {
    /// The folders with their configs, of which the first has `overrides` over it; what these made meaningless is said.
    ///
    /// # Errors
    /// Those of [`Folders::open`].
    pub fn folders(&self, overrides: &[String]) -> Result<Folders, RuntimeError> {
        let folders = Folders::open(&self.run, overrides)?;
        for notice in &folders.notices {
            say(&format!("note: {notice}"));
        }
        Ok(folders)
    }

    /// The files of the runs, where no output may go.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let folders = self.run.iter().map(ModelFolder::at);
        folders.flat_map(|folder| folder.own_files()).collect()
    }

    /// The folders, for messages.
    pub(crate) fn named(&self) -> String {
        let folders = self.run.iter().map(|folder| folder.display().to_string());
        folders.collect::<Vec<_>>().join(" + ")
    }
}
