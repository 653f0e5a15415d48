//! What is measured: a model with its data.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{ArgGroup, Args, ValueEnum};
use data::batching::{Dataset, Position, Prefetched, Prefetcher};

use super::yardstick::{self, YardstickArgs};
use crate::backend::Choice;
use crate::config::Config;
use crate::console::Console;
use crate::engine::batches::{batch_config, pad_multiple};
use crate::engine::training_set;
use crate::error::RunError;

/// A workload with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Named {
    /// The work that Attune's speed is compared with PyTorch's on.
    Yardstick,
}

/// Which workload: that of a config, or one with a name.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("what").required(true).args(["config", "workload"]))]
pub(super) struct WorkloadArgs {
    /// Measure the training of a config: a TOML file.
    #[arg(long, value_name = "FILE", display_order = 0)]
    config: Option<PathBuf>,
    /// Change a key of the config, for example `--set model.hidden_size=256`.
    #[arg(
        long,
        value_name = "KEY=VALUE",
        display_order = 0,
        conflicts_with = "workload"
    )]
    set: Vec<String>,
    /// Measure a workload with a name instead; the options below describe it.
    #[arg(long, value_enum, display_order = 0, requires = "data")]
    workload: Option<Named>,
    #[command(flatten, next_help_heading = "With --workload yardstick")]
    yardstick: YardstickArgs,
}

/// A model and what it learns from.
#[derive(Debug)]
pub(super) struct Workload {
    pub(super) config: Config,
    pub(super) dataset: Arc<Dataset>,
    /// Of the source and the target; the data may have fewer types.
    pub(super) vocabularies: [usize; 2],
    /// Whether batches with fewer sentences than the others are left out.
    pub(super) full_batches: bool,
}

impl WorkloadArgs {
    /// Reads the data.
    pub(super) fn load(&self, console: &Console) -> Result<Workload, RunError> {
        let Some(path) = &self.config else {
            return yardstick::load(&self.yardstick);
        };
        let loaded = Config::load(path, &self.set)?;
        for notice in &loaded.notices {
            console.say(&format!("note: {notice}"));
        }
        let (dataset, vocabularies) = training_set(&loaded.config, console)?;
        Ok(Workload {
            config: loaded.config,
            dataset: Arc::new(dataset),
            vocabularies,
            full_batches: false,
        })
    }
}

impl Workload {
    /// Its batches from the first epoch on, without end, made ahead on a thread.
    pub(super) fn batches(&self, choice: &Choice) -> impl Iterator<Item = Prefetched> + use<> {
        let batches = batch_config(&self.config, pad_multiple(&self.config, choice));
        let (full, size) = (self.full_batches, batches.size);
        Prefetcher::start(
            self.dataset.clone(),
            batches,
            Position::default(),
            None,
            self.config.data.prefetch,
        )
        .filter(move |one| !full || one.batch.source.rows == size)
    }
}
