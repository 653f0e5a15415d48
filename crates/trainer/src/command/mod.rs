//! The command line.

mod average;
mod bench;
mod completions;
mod config;
mod data;
mod devices;
mod export;
mod import;
mod loaded;
mod manual;
mod train;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use model::search::Precision;
use runtime::command::{evaluate, score, translate};

use crate::backend::{self, Choice};
use crate::config::{BackendKind, Config};
use crate::error::RunError;

/// Train, explain and run attentional sequence-to-sequence models.
#[derive(Debug, Parser)]
#[command(name = "attune", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    train: train::TrainArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a model (the default command).
    Train(train::TrainArgs),
    /// Translate lines from standard input or a file.
    Translate(OnDevice<translate::TranslateArgs>),
    /// Translate a corpus and score the translations.
    Evaluate(OnDevice<evaluate::EvaluateArgs>),
    /// How probable a model finds given translations.
    Score(OnDevice<score::ScoreArgs>),
    /// Write a model for other programs and people.
    Export(export::ExportArgs),
    /// Make a run of a model that another program has trained.
    Import(import::ImportArgs),
    /// Make a model of the mean of several checkpoints' parameters.
    Average(average::AverageArgs),
    /// Show what corpora are: lengths, scripts, repeats, odd characters, and what they share.
    Data(data::DataArgs),
    /// Measure how fast this machine trains.
    Bench(bench::BenchArgs),
    /// List the backends compiled in, the devices of this machine, and the backend that `auto` picks.
    Devices,
    /// Show a config with every default written out.
    Config(config::ConfigArgs),
    /// Print a script by which a shell completes this program's commands and options.
    Completions(completions::CompletionsArgs),
    /// Write manual pages, one for each command.
    Manual(manual::ManualArgs),
}

/// Where a command's tensors live.
#[derive(Debug, Clone, Args)]
struct DeviceArgs {
    /// Backend to compute on.
    #[arg(long, value_enum)]
    backend: Option<BackendKind>,
    /// Which GPU, as `attune devices` numbers them.
    #[arg(long, value_name = "N")]
    device: Option<usize>,
}

impl DeviceArgs {
    /// The device that was asked for, else the one that a run with `config` was trained on.
    fn choose(&self, config: &Config) -> Result<Choice, RunError> {
        match self.backend {
            Some(asked) => backend::choose(asked, self.device.unwrap_or(0)),
            None => {
                let device = self.device.unwrap_or(config.train.device);
                backend::choose(config.train.backend, device)
            }
        }
    }
}

/// The arguments of a command that uses a model, and where it is to compute.
#[derive(Debug, Clone, Args)]
struct OnDevice<A: Args> {
    #[command(flatten)]
    args: A,
    #[command(flatten)]
    device: DeviceArgs,
}

/// Runs the command of this process' arguments. Errors go to standard error, in one piece.
pub fn main() -> ExitCode {
    runtime::command::main("attune", run, RunError::exit_code)
}

fn run(cli: Cli) -> Result<(), RunError> {
    if std::env::var_os("ATTUNE_REFERENCE").is_some_and(|value| value == "1") {
        operations::use_reference(true);
    }
    match cli.command.unwrap_or(Command::Train(cli.train)) {
        Command::Train(args) => train::run(&args),
        Command::Translate(OnDevice { args, device }) => translate::run(&args, |folders| {
            loaded::open(folders, &args.model, &device, args.precision.precision())
        }),
        Command::Evaluate(OnDevice { args, device }) => evaluate::run(&args, |folders| {
            loaded::open(folders, &args.model, &device, args.precision.precision())
        }),
        Command::Score(OnDevice { args, device }) => score::run(&args, |folders| {
            loaded::open(folders, &args.model, &device, Precision::Full)
        }),
        Command::Export(args) => export::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Average(args) => average::run(&args),
        Command::Data(args) => data::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Devices => devices::run(),
        Command::Config(args) => config::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Manual(args) => manual::run(&args),
    }
}

/// Writes a line to standard output. A closed pipe is the reader's wish.
fn print(line: &str) -> Result<(), RunError> {
    Ok(runtime::command::print(line)?)
}
