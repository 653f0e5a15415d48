//! `attune bench`: how fast this machine trains and translates.

mod ceiling;
mod decode;
mod inputs;
mod measure;
mod report;
mod train;
mod translate;
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
    /// Time searches for translations: speed and memory.
    Translate(translate::TranslateArgs),
}

pub(super) fn run(args: &BenchArgs) -> Result<(), RunError> {
    match &args.what {
        What::Train(args) => train::run(args),
        What::Translate(args) => translate::run(args),
    }
}
