//! `attune completions`.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::{Cli, print};
use crate::error::RunError;

#[derive(Debug, Clone, Args)]
pub(super) struct CompletionsArgs {
    /// The shell that reads them.
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs) -> Result<(), RunError> {
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "attune", &mut script);
    print(String::from_utf8_lossy(&script).trim_end())
}
