//! `attune config`.

use std::path::PathBuf;

use clap::Args;
use data::corpus::read;

use super::print;
use crate::config::Config;
use crate::console::say;
use crate::error::RunError;
use crate::filter;

#[derive(Debug, Clone, Args)]
pub(super) struct ConfigArgs {
    /// The config: a TOML file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Change a key, as for training.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Print the config with every default written out; without it, only check.
    #[arg(long)]
    print: bool,
}

pub(super) fn run(args: &ConfigArgs) -> Result<(), RunError> {
    let loaded = Config::load(&args.config, &args.set)?;
    for notice in &loaded.notices {
        say(&format!("note: {notice}"));
    }
    if args.print {
        return print(loaded.config.to_toml().trim_end());
    }
    for (key, corpus) in loaded.config.data.corpora() {
        if let Some(corpus) = corpus {
            let mut found = read(corpus, &loaded.config.reading())?;
            say(&format!("{key}: {}", found.summary));
            if key == "data.train" {
                let said = filter::apply(&loaded.config.data.filter, &mut found);
                said.map_err(RunError::Usage)?
                    .iter()
                    .for_each(|line| say(line));
            }
        }
    }
    print(&format!("{}: sound", args.config.display()))
}
