//! Errors of this crate.

use std::path::{Path, PathBuf};

use data::DataError;
use thiserror::Error;

/// Why a model cannot be read.
#[derive(Debug, Error)]
pub enum ImportError {
    /// A file that cannot be read.
    #[error("cannot read `{path}`: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong, in words.
        reason: String,
    },
    /// A setting that is not here.
    #[error("`{path}` has `{key}: {value}`, which cannot be imported: {reason}")]
    Unsupported {
        /// The file of settings.
        path: PathBuf,
        /// The setting.
        key: String,
        /// What it is set to.
        value: String,
        /// Why not, and what can be.
        reason: String,
    },
    /// A tensor that is missing, of another shape, or left over.
    #[error("the tensors of `{path}` are not those of such a model: {reason}")]
    Tensors {
        /// The checkpoint.
        path: PathBuf,
        /// What is wrong, in words.
        reason: String,
    },
    /// A vocabulary that cannot be taken over.
    #[error("the vocabulary `{path}` cannot be imported: {reason}")]
    Vocabulary {
        /// The file.
        path: PathBuf,
        /// What is wrong, in words.
        reason: String,
    },
    /// Tokenizers.
    #[error(transparent)]
    Data(#[from] DataError),
}

impl ImportError {
    /// A file that cannot be read.
    pub(crate) fn unreadable(path: &Path, reason: impl ToString) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// Tensors that do not fit.
    pub(crate) fn tensors(path: &Path, reason: impl Into<String>) -> Self {
        Self::Tensors {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}
