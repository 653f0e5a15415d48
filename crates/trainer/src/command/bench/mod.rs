//! `attune bench`: how fast this machine trains.

mod ceiling;
mod inputs;
mod measure;
mod memory;
mod report;
mod train;
mod workload;
mod yardstick;

use clap::{Args, Subcommand};

use crate::error::RunError;

#[derive(Debug, Clone, Args)]
pub(super) struct BenchArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// Time real updates: speed, memory, and where the time goes.
    Train(train::TrainArgs),
}

pub(super) fn run(args: &BenchArgs) -> Result<(), RunError> {
    match &args.what {
        What::Train(args) => train::run(args),
    }
}
