//! The commands that use a model, for any program that has them.

mod constraints;
pub mod corpus;
pub mod evaluate;
pub mod model;
pub mod precision;
pub mod score;
pub mod search;
pub mod translate;

use std::io::Write;

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
