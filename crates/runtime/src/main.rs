//! The `attune-run` command: uses trained models, on the CPU.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use runtime::RuntimeError;
use runtime::command::{self, evaluate, precision::PrecisionArgs, score, translate};
use runtime::model::Folders;

/// Run trained sequence-to-sequence models on the CPU.
#[derive(Debug, Parser)]
#[command(name = "attune-run", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Translate lines from standard input or a file.
    Translate(translate::TranslateArgs),
    /// Translate a corpus and score the translations.
    Evaluate(evaluate::EvaluateArgs),
    /// How probable a model finds given translations.
    Score(score::ScoreArgs),
}

fn run(command: &Command) -> Result<(), RuntimeError> {
    match command {
        Command::Translate(args) => translate::run(args, |folders: Folders| {
            folders.packed(&args.model.checkpoint, args.precision.precision())
        }),
        Command::Evaluate(args) => evaluate::run(args, |folders: Folders| {
            folders.packed(&args.model.checkpoint, args.precision.precision())
        }),
        Command::Score(args) => score::run(args, |folders: Folders| {
            folders.packed(&args.model.checkpoint, PrecisionArgs::default().precision())
        }),
    }
}

fn main() -> ExitCode {
    let run = |cli: Cli| run(&cli.command);
    command::main("attune-run", run, RuntimeError::exit_code)
}
