//! The `attune` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    trainer::command::main()
}
