//! Errors that can end a command, with their exit codes.

use std::path::{Path, PathBuf};

use data::DataError;
use metrics::MetricError;
use model::NetworkError;
use model::search::SearchError;
use runtime::RuntimeError;
use thiserror::Error;

use crate::config::ConfigError;

/// An error of this crate.
#[derive(Debug, Error)]
pub enum RunError {
    /// The config.
    #[error(transparent)]
    Config(Box<ConfigError>),
    /// A corpus or tokenizer.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The model.
    #[error(transparent)]
    Model(#[from] NetworkError),
    /// A search that cannot be done.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// Using a model.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// A model of another program.
    #[error(transparent)]
    Import(#[from] import::ImportError),
    /// Scoring.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// A backend that this program was built without.
    #[error("this program was built without the `{backend}` backend; {remedy}")]
    BackendMissing {
        /// The backend.
        backend: String,
        /// How to get it.
        remedy: String,
    },
    /// A backend without a device.
    #[error(
        "no GPU found for `--backend {backend}`: {reason}. Use `--backend cpu`, or see `attune devices`"
    )]
    NoDevice {
        /// The backend.
        backend: String,
        /// Reason why the search for a device failed.
        reason: String,
    },
    /// A run folder that holds a run.
    #[error(
        "`{path}` already holds a run: go on with `--resume`, start again with `--overwrite`, or name another with `--run-dir`"
    )]
    RunExists {
        /// The run folder.
        path: PathBuf,
    },
    /// A folder without a run, beside a run with nearly its name.
    #[error(
        "there is no run in `{path}` to go on with; did you mean `{near}`? To begin one of that name, leave `--resume` out"
    )]
    RunMistyped {
        /// The folder.
        path: PathBuf,
        /// The run beside it.
        near: PathBuf,
    },
    /// A folder that is not empty and not a run.
    #[error(
        "`{path}` is not empty and is no run of this program (or one that is damaged): nothing in it is touched; name \
         another with `--run-dir`, or remove it yourself"
    )]
    NotARun {
        /// The folder.
        path: PathBuf,
    },
    /// A run folder in use.
    #[error(
        "`{path}` is in use by another process{holder}: wait for it, stop it, or name another folder with `--run-dir`"
    )]
    RunLocked {
        /// The run folder.
        path: PathBuf,
        /// Which process, where it is known.
        holder: String,
    },
    /// A run folder that is not there any more.
    #[error(
        "the run folder `{path}` was moved, removed or replaced while step {step} was trained, and nothing more can be \
         saved there: bring it back and `--resume`, or train again"
    )]
    FolderGone {
        /// The run folder.
        path: PathBuf,
        /// The update.
        step: u64,
    },
    /// A run whose corpus is not what it was.
    #[error(
        "{what} has changed since `{path}` was begun ({change}): a resumed run must see the same text. Restore the \
         file, go on with what it holds now by `--allow-changed-data`, start again with `--overwrite`, or name another \
         folder with `--run-dir`"
    )]
    OtherCorpus {
        /// The run folder.
        path: PathBuf,
        /// The key and the corpus.
        what: String,
        /// Difference between then and now.
        change: String,
    },
    /// Sizes that do not fit in memory.
    #[error(
        "training this model takes at least {needed} bytes of memory ({parameters} parameters), and this machine has \
         {available}: lower `model.hidden_size`, `model.embedding_size` or `tokenizer.target.vocab_size`"
    )]
    TooLarge {
        /// Bytes for the parameters and what training keeps beside them.
        needed: u64,
        /// How many parameters.
        parameters: u64,
        /// Bytes of memory.
        available: u64,
    },
    /// A run that was made with other settings.
    #[error(
        "`{path}` was made with other settings: {keys}. Resume with its own `config.toml`, start again with \
         `--overwrite`, or name another folder with `--run-dir`.\nThese may change: {free}; most others by `--allow-changed KEY`, which may be a table"
    )]
    OtherConfig {
        /// The run folder.
        path: PathBuf,
        /// The keys that differ, with both values.
        keys: String,
        /// Keys that may change.
        free: String,
    },
    /// A run that another cannot begin with.
    #[error("cannot begin with `{path}`, as `train.start_from` asks: {reason}")]
    CannotStart {
        /// The run folder that was named.
        path: PathBuf,
        /// Problem with it, and a remedy.
        reason: String,
    },
    /// A corpus of which nothing is left.
    #[error(
        "no pair of `{corpus}` is left to {purpose}: {summary}. Raise `data.max_length` or give another corpus"
    )]
    NothingLeft {
        /// The corpus.
        corpus: String,
        /// Purpose of the corpus.
        purpose: String,
        /// How many were read and dropped.
        summary: String,
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
    /// A file of the run.
    #[error(
        "cannot {action} `{path}`: {source}. What was saved before is whole: make room, then go on with `--resume`"
    )]
    RunFile {
        /// Read or write.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Error that the system reported.
        source: std::io::Error,
    },
    /// The loss left the numbers.
    #[error(
        "after step {step} {what}, although the run went back to its last checkpoint and halved its \
         learning rate as often as it may: lower `optimizer.learning_rate`, or set `train.clip_norm`, and go on with \
         `--resume`, from the last good checkpoint if there is one"
    )]
    NotFinite {
        /// The last update before.
        step: u64,
        /// What was wrong, as a clause: "the loss is not a number".
        what: String,
        /// Whether a validation has shown it, so that what was saved since the one before is not good either.
        exploded: bool,
    },
    /// A measurement whose loss left the numbers.
    #[error("after {steps} updates {what}: nothing is measured; lower `optimizer.learning_rate`")]
    Diverged {
        /// Updates until then.
        steps: u64,
        /// What was wrong, as a clause.
        what: String,
    },
    /// A device that failed.
    #[error("the device failed: {0}")]
    Device(String),
    /// A device that failed while a model was trained on it.
    #[error(
        "{device} failed: {reason}. {}. Where memory is short, a smaller `train.batch_size` helps, or parts of batches: \
         `train.split_above`",
        saved_in(path, *saved)
    )]
    DeviceFailed {
        /// Its name.
        device: String,
        /// Its own words.
        reason: String,
        /// The run folder.
        path: PathBuf,
        /// The last update that is saved.
        saved: Option<u64>,
    },
    /// A signal before the first update.
    #[error("stopped by {name} before the first update: nothing was changed")]
    StoppedBefore {
        /// The signal's name.
        name: &'static str,
        /// 128 plus the signal's number.
        code: u8,
    },
    /// A signal, after saving.
    #[error("stopped by {name} after saving step {step}; go on with `--resume`")]
    Stopped {
        /// The signal's name.
        name: &'static str,
        /// 128 plus the signal's number.
        code: u8,
        /// The update.
        step: u64,
    },
}

impl RunError {
    /// The exit code: 1 the run failed, 2 the user must change something, 128 + signal.
    pub fn exit_code(&self) -> u8 {
        match self {
            RunError::RunFile { .. }
            | RunError::Data(DataError::Unwritable { .. })
            | RunError::FolderGone { .. }
            | RunError::NotFinite { .. }
            | RunError::Diverged { .. }
            | RunError::Device(_)
            | RunError::DeviceFailed { .. }
            | RunError::Metric(_) => 1,
            RunError::Runtime(error) => error.exit_code(),
            RunError::Stopped { code, .. } | RunError::StoppedBefore { code, .. } => *code,
            _ => 2,
        }
    }
}

/// What is left of a run that broke off.
fn saved_in(path: &Path, saved: Option<u64>) -> String {
    let path = path.display();
    match saved {
        Some(step) => format!("`{path}` is saved up to step {step}: go on with `--resume`"),
        None => format!("nothing of `{path}` was saved yet"),
    }
}

impl From<ConfigError> for RunError {
    fn from(error: ConfigError) -> Self {
        RunError::Config(Box::new(error))
    }
}
