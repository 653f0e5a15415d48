//! Training: the loop and all that goes on around it.

mod agreement;
mod average;
pub(crate) mod batches;
mod beside;
mod capacity;
mod conclusion;
mod corpus_name;
mod device_fault;
mod faults;
mod fitting;
mod following;
mod meeting;
mod outer;
mod progress;
mod report;
mod returning;
mod session;
mod setup;
mod start;
mod suited;
mod together;
mod training;
mod training_set;
pub(crate) mod update;
mod validation;
mod vocabularies;
mod window;

pub use faults::Faults;
pub use progress::Progress;
pub use report::{Report, Validation};
pub use setup::{Prepared, default_run_dir, prepare};
pub use start::Start;
pub use training::train;
pub(crate) use training_set::training_set;

use std::path::PathBuf;

use crate::run::Existing;

/// Options that the command line adds to a config.
#[derive(Debug, Clone)]
pub struct Options {
    /// The run folder.
    pub run_dir: PathBuf,
    /// Treatment of a run that is already there.
    pub existing: Existing,
    /// Keys of the config whose change a resumed run is to bear.
    pub allow_changed: Vec<String>,
    /// Whether a resumed run is to bear changed corpora.
    pub allow_changed_data: bool,
    /// Say nothing but errors.
    pub quiet: bool,
}
