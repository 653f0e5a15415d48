//! `attune bench train`.

use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use clap::{ArgGroup, Args};

use super::workload::WorkloadArgs;
use super::{inputs, measure, report::Report};
use crate::backend;
use crate::command::{DeviceArgs, print};
use crate::console::Console;
use crate::error::RunError;

#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("what").required(true).args(["config", "workload"]))]
pub(super) struct TrainArgs {
    #[command(flatten)]
    device: DeviceArgs,
    /// Updates to time.
    #[arg(long, value_name = "N", default_value_t = 40,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    steps: usize,
    /// Updates before them that are not timed.
    #[arg(long, value_name = "N", default_value_t = 4,
          value_parser = RangedU64ValueParser::<usize>::new().range(0..=1_000_000))]
    warmup: usize,
    /// Also write what the model starts from and learns from to this folder: its first parameters
    /// as `initial.safetensors` (PyTorch's names) and the ids of every update as `batches.jsonl`.
    #[arg(long, value_name = "FOLDER")]
    write_inputs: Option<PathBuf>,
    /// Run every operation in plain tensor operations, to compare with; as `ATTUNE_REFERENCE=1` does
    /// for any command.
    #[arg(long)]
    reference: bool,
    /// Print the result as one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    workload: WorkloadArgs,
}

pub(super) fn run(args: &TrainArgs) -> Result<(), RunError> {
    if args.reference {
        operations::use_reference(true);
    }
    let console = Console::new(false);
    let mut workload = args.workload.load(&console)?;
    let train = &mut workload.config.train;
    train.backend = args.device.backend.unwrap_or(train.backend);
    train.device = args.device.device.unwrap_or(train.device);
    let choice = backend::choose(train.backend, train.device)?;
    console.say(&format!("backend: {choice}"));
    if let Some(folder) = &args.write_inputs {
        inputs::write(&workload, &choice, args.warmup + args.steps, folder)?;
    }
    let measured = measure::measure(&workload, &choice, args.warmup, args.steps)?;
    let report = Report::new(&measured, &choice, args.warmup);
    if args.json {
        return print(&serde_json::to_string(&report).unwrap_or_default());
    }
    print(report.to_string().trim_end())
}
