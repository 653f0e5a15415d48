//! `attune data`.

use std::path::PathBuf;

use clap::Args;
use data::corpus::{CorpusSource, ReadOptions, read};

use super::print;
use crate::config::{Config, FilterConfig};
use crate::console::say;
use crate::error::RunError;
use crate::filter;
use crate::survey::Survey;

#[derive(Debug, Clone, Args)]
pub(super) struct DataArgs {
    /// Corpora: TSV files or built-in ones, such as `builtin:en-zh:train`. The others are compared with the first.
    #[arg(value_name = "CORPUS", required_unless_present = "config")]
    corpora: Vec<String>,
    /// Look at the corpora of a config instead, as it reads and filters them: a TOML file.
    #[arg(long, value_name = "FILE", conflicts_with = "corpora")]
    config: Option<PathBuf>,
    /// Print JSON, one object a corpus.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &DataArgs) -> Result<(), RunError> {
    let mut dropped = FilterConfig::default();
    let (named, options) = match &args.config {
        Some(path) => {
            let config = Config::load(path, &[])?.config;
            dropped = config.data.filter.clone();
            let corpora = config.data.corpora();
            let given = corpora.into_iter().filter_map(|(key, corpus)| {
                let corpus = corpus?;
                Some((format!("{key} ({corpus})"), corpus.clone()))
            });
            (given.collect(), config.reading())
        }
        None => {
            let mut named = Vec::new();
            for name in &args.corpora {
                named.push((name.clone(), name.parse::<CorpusSource>()?));
            }
            (named, ReadOptions::default())
        }
    };
    let named: Vec<(String, CorpusSource)> = named;
    let mut first = None;
    for (name, source) in named {
        let mut corpus = read(&source, &options)?;
        // Only what is learned from is filtered.
        if first.is_none() {
            let said = filter::apply(&dropped, &mut corpus).map_err(RunError::Usage)?;
            said.iter().for_each(|line| say(line));
        }
        let survey = Survey::of(&name, &corpus, first.as_ref());
        match args.json {
            true => print(&serde_json::to_string(&survey).unwrap_or_default())?,
            false => print(&survey.lines().join("\n"))?,
        }
        first.get_or_insert(corpus);
    }
    Ok(())
}
