//! The `attune-run` command: uses trained models, on the CPU.

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use runtime::RuntimeError;
use runtime::command::{evaluate, precision::PrecisionArgs, score, translate};
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
    std::panic::set_hook(Box::new(|panic| {
        let _ = writeln!(
            std::io::stderr(),
            "attune-run: internal error: {panic}\nThis is a fault of the program, not yours; please report it."
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
        let _ = writeln!(std::io::stderr(), "attune-run: {error}");
        return ExitCode::from(2);
    }
    let command = std::panic::AssertUnwindSafe(|| run(&cli.command));
    match std::panic::catch_unwind(command) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            let _ = writeln!(std::io::stderr(), "attune-run: {error}");
            ExitCode::from(error.exit_code())
        }
        Err(_) => ExitCode::from(1),
    }
}
