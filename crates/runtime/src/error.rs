//! Errors that can end a command that uses a model, with their exit codes.

use std::path::PathBuf;

use config::ConfigError;
use data::DataError;
use metrics::MetricError;
use network::NetworkError;
use search::SearchError;
use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Error)]
pub enum RuntimeError {
    /// The config.
    #[error(transparent)]
    Config(Box<ConfigError>),
    /// A corpus or tokenizer.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The network.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A search that cannot be done.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// A search that fails for one sentence.
    #[error("line {line}: {cause}")]
    Sentence {
        /// Where it stands in the input, from 1.
        line: usize,
        /// Error of the search.
        cause: SearchError,
    },
    /// Scoring.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// A run folder that does not exist.
    #[error(
        "`{path}` is no run folder: it has no `{missing}`. Train one with `attune --config ...`, or name another with `--run`"
    )]
    RunMissing {
        /// The run folder.
        path: PathBuf,
        /// File that it lacks.
        missing: String,
    },
    /// A checkpoint that does not exist.
    #[error("`{path}` has no checkpoint `{wanted}`; there is {known}")]
    CheckpointMissing {
        /// The run folder.
        path: PathBuf,
        /// Checkpoint that was asked for.
        wanted: String,
        /// Checkpoints that there are.
        known: String,
    },
    /// A checkpoint that cannot be read.
    #[error(
        "the checkpoint `{path}` is damaged: {reason}. Use another with `--checkpoint` (or delete this one and `--resume`)"
    )]
    CheckpointDamaged {
        /// The file.
        path: PathBuf,
        /// Description of the damage.
        reason: String,
    },
    /// A checkpoint that is there and cannot be read now.
    #[error("cannot read the checkpoint `{path}`: {source}")]
    CheckpointUnreadable {
        /// The file.
        path: PathBuf,
        /// Error that the system reported.
        source: std::io::Error,
    },
    /// A file of a package that is not as it was exported.
    #[error("the package's file `{path}` is damaged: {reason}. Get the package anew")]
    PackageDamaged {
        /// The file.
        path: PathBuf,
        /// Description of the damage.
        reason: String,
    },
    /// A checkpoint and tokenizers that do not belong together.
    #[error(
        "the vocabulary `{path}` is not the one that the checkpoint `{checkpoint}` was trained with: it belongs to another run. Restore the run's own file"
    )]
    OtherVocabulary {
        /// The tokenizer file.
        path: PathBuf,
        /// The checkpoint.
        checkpoint: PathBuf,
    },
    /// A checkpoint whose model saw images in another form.
    #[error(
        "the checkpoint `{checkpoint}` was trained on {stored}, and `{path}` now says otherwise: restore that file"
    )]
    OtherImages {
        /// The run's config.
        path: PathBuf,
        /// The checkpoint.
        checkpoint: PathBuf,
        /// The form that it was trained on.
        stored: String,
    },
    /// Arguments that do not go together.
    #[error("{0}")]
    Usage(String),
    /// A file the user named.
    #[error("cannot {action} `{path}`: {source}")]
    UserFile {
        /// Read or write.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Error that the system reported.
        source: std::io::Error,
    },
    /// Results that could not be written.
    #[error("cannot write `{path}`: {source}. What was written before is there")]
    Unwritten {
        /// The file, or standard output.
        path: PathBuf,
        /// Error that the system reported.
        source: std::io::Error,
    },
}

impl RuntimeError {
    /// The exit code: 1 the run failed, 2 the user must change something.
    pub fn exit_code(&self) -> u8 {
        match self {
            RuntimeError::Data(DataError::Unwritable { .. })
            | RuntimeError::Unwritten { .. }
            | RuntimeError::Metric(_) => 1,
            _ => 2,
        }
    }
}

impl From<ConfigError> for RuntimeError {
    fn from(error: ConfigError) -> Self {
        RuntimeError::Config(Box::new(error))
    }
}
