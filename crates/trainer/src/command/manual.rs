//! `attune manual`.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use runtime::output_folder::OutputFolder;

use super::Cli;
use crate::console::say;
use crate::error::RunError;

#[derive(Debug, Clone, Args)]
pub(super) struct ManualArgs {
    /// The folder of the pages; it must be missing or empty.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

pub(super) fn run(args: &ManualArgs) -> Result<(), RunError> {
    let folder = OutputFolder::begin(&args.out)?;
    let program = Cli::command();
    let mut pages = vec![program.clone()];
    for command in program.get_subcommands() {
        let name = format!("attune-{}", command.get_name());
        pages.push(command.clone().name(name.clone()).display_name(name));
    }
    for page in &pages {
        let mut text = Vec::new();
        let rendered = clap_mangen::Man::new(page.clone()).render(&mut text);
        rendered.map_err(|source| RunError::UserFile {
            action: "write",
            path: args.out.clone(),
            source,
        })?;
        folder.write(&format!("{}.1", page.get_name()), &text)?;
    }
    folder.finish()?;
    say(&format!(
        "wrote {} pages to {}",
        pages.len(),
        args.out.display()
    ));
    Ok(())
}
