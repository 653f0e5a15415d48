//! The command line.

mod bench;
mod config;
mod constraints;
mod corpus;
mod devices;
mod evaluate;
mod export;
mod loaded;
mod precision;
mod score;
mod search;
mod train;
mod translate;

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::BackendKind;
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
    Translate(translate::TranslateArgs),
    /// Translate a corpus and score the translations.
    Evaluate(evaluate::EvaluateArgs),
    /// How probable a model finds given translations.
    Score(score::ScoreArgs),
    /// Write a model's parameters for other programs.
    Export(export::ExportArgs),
    /// Measure how fast this machine trains.
    Bench(bench::BenchArgs),
    /// What is compiled in, what this machine has, and what `auto` picks.
    Devices,
    /// Show a config with every default written out.
    Config(config::ConfigArgs),
}

/// Where a command's tensors live.
#[derive(Debug, Clone, Args)]
struct DeviceArgs {
    /// What to compute on.
    #[arg(long, value_enum)]
    backend: Option<BackendKind>,
    /// Which GPU, as `attune devices` numbers them.
    #[arg(long, value_name = "N")]
    device: Option<usize>,
}

/// Runs the command of this process' arguments. Errors go to standard error, in one piece.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        let _ = writeln!(
            std::io::stderr(),
            "attune: internal error: {panic}\nThis is a fault of the program, not yours; please report it."
        );
    }));
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    if let Err(error) = kernels::instruction_sets::from_environment() {
        let _ = writeln!(std::io::stderr(), "attune: {error}");
        return ExitCode::from(2);
    }
    if std::env::var_os("ATTUNE_REFERENCE").is_some_and(|value| value == "1") {
        model::sequence::use_reference(true);
    }
    let run = || match cli.command.unwrap_or(Command::Train(cli.train)) {
        Command::Train(args) => train::run(&args),
        Command::Translate(args) => translate::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Score(args) => score::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Devices => devices::run(),
        Command::Config(args) => config::run(&args),
    };
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            let _ = writeln!(std::io::stderr(), "attune: {error}");
            ExitCode::from(error.exit_code())
        }
        Err(_) => ExitCode::from(1),
    }
}

/// Writes a line to standard output. A closed pipe is the reader's wish.
fn print(line: &str) -> Result<(), RunError> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(RunError::Unwritten {
            path: "standard output".into(),
            source: error,
        }),
        _ => Ok(()),
    }
}
