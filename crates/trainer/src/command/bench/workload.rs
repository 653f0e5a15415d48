//! Workload of a measurement: a model with its data.

use std::path::PathBuf;
use std::sync::Arc;

use clap::builder::RangedU64ValueParser;
use clap::{Args, ValueEnum};
use data::DataError;
use data::batching::{Dataset, Position, Prefetched, Prefetcher, Share};

use super::yardstick::{self, YardstickArgs};
use crate::backend::Choice;
use crate::config::{BatchSize, Config, Objective};
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
pub(super) struct WorkloadArgs {
    /// Measure the model of a config: a TOML file.
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
    /// Sentence pairs of a batch; those of the config, or 64.
    #[arg(long, value_name = "N", display_order = 0,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=10_000_000))]
    pub(super) batch: Option<usize>,
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
    /// The corpus, if one was named.
    pub(super) fn data(&self) -> Option<&str> {
        self.yardstick.data()
    }

    /// Reads the data.
    pub(super) fn load(&self, console: &Console) -> Result<Workload, RunError> {
        let Some(path) = &self.config else {
            return yardstick::load(&self.yardstick, self.batch.unwrap_or(64));
        };
        let mut loaded = Config::load(path, &self.set)?;
        let batch = &mut loaded.config.train.batch_size;
        *batch = self.batch.map_or(*batch, BatchSize::Of);
        if *batch == BatchSize::Auto {
            return Err(RunError::Usage(
                "a benchmark has batches of a known size, and `train.batch_size` is \"auto\": give one by `--batch`".into(),
            ));
        }
        for notice in &loaded.notices {
            console.say(&format!("note: {notice}"));
        }
        if loaded.config.train.objective == Objective::MinimumRisk {
            return Err(RunError::Usage(
                "a benchmark begins with random weights, and `objective = \"minimum-risk\"` is for trained ones: \
                 measure with `--set train.objective=cross-entropy`"
                    .into(),
            ));
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
    pub(super) fn batches(
        &self,
        choice: &Choice,
    ) -> impl Iterator<Item = Result<Prefetched, DataError>> + use<> {
        let batches = batch_config(&self.config, pad_multiple(&self.config, choice));
        let (full, size) = (self.full_batches, batches.size);
        Prefetcher::start(
            self.dataset.clone(),
            batches,
            Position::default(),
            None,
            self.config.data.prefetch,
            Share::WHOLE,
        )
        .filter(move |one| match one {
            Ok(one) => !full || one.batch.source.rows() == size,
            Err(_) => true,
        })
    }
}
