//! The commands that use a model, for any program that has them.

mod constraints;
pub mod corpus;
pub mod evaluate;
pub mod model;
pub mod panics;
pub mod precision;
pub mod score;
pub mod search;
pub mod translate;

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::console::say;
use crate::error::RuntimeError;

/// Writes a line to standard output. A closed pipe is the reader's request.
///
/// # Errors
/// When standard output cannot be written.
pub fn print(line: &str) -> Result<(), RuntimeError> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(RuntimeError::Unwritten {
                path: "standard output".into(),
                source: error,
            })
        }
        _ => Ok(()),
    }
}

/// The whole of a program called `name`: reads this process' arguments and does what `run` makes of them. Errors, which
/// `code` gives an exit code, and panics go to standard error, in one piece.
pub fn main<Arguments: Parser, Error: Display>(
    name: &'static str,
    run: impl FnOnce(Arguments) -> Result<(), Error>,
    code: impl FnOnce(&Error) -> u8,
) -> ExitCode {
    panics::report(name);
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    if let Err(error) = kernels::instruction_sets::from_environment() {
        say(&format!("{name}: {error}"));
        return ExitCode::from(2);
    }
    let run = std::panic::AssertUnwindSafe(|| run(arguments));
    match std::panic::catch_unwind(run) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            say(&format!("{name}: {error}"));
            ExitCode::from(code(&error))
        }
        Err(_) => ExitCode::from(1),
    }
}
