//! Models that other programs have trained, as this project describes them: a config, two vocabularies, and tensors under
//! the names and in the layouts of PyTorch.
//!
//! Each program is a folder: what its files look like, which of its settings there are here, and what its tensors are
//! called. A setting that is not here is refused by its name.

mod checkpoint;
mod error;
mod imported;
mod joeynmt;
mod vocabulary;

use std::path::Path;

pub use error::ImportError;
pub use imported::Imported;

/// A program whose models are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// JoeyNMT 2.
    Joeynmt,
}

impl Program {
    /// Reads a model of this program.
    ///
    /// # Errors
    /// Files that are missing or damaged, and settings that are not here.
    pub fn read(self, file: &Path) -> Result<Imported, ImportError> {
        match self {
            Program::Joeynmt => joeynmt::read(file),
        }
    }
}
