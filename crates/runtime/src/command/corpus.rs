//! Which sentence pairs a command is about.

use std::path::{Path, PathBuf};

use clap::Args;
use data::corpus::{Corpus, CorpusSource, Pair, ReadOptions, read};

use crate::console::say;
use crate::error::RuntimeError;
use crate::model::OpenedModel;

/// A corpus on the command line.
#[derive(Debug, Clone, Args)]
pub struct CorpusArgs {
    /// The corpus: a TSV file (`-` for standard input), a built-in one like `builtin:en-zh:test`, or two files of which
    /// line n of one translates line n of the other.
    #[arg(long, value_name = "CORPUS", num_args = 1..=2, conflicts_with = "files")]
    data: Vec<PathBuf>,
    /// The same without `--data`.
    #[arg(value_name = "CORPUS", num_args = 0..=2)]
    files: Vec<PathBuf>,
}

impl CorpusArgs {
    /// The files that are named.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.data.iter().chain(&self.files).map(PathBuf::as_path)
    }

    /// Where the pairs come from, if the command line says so.
    ///
    /// # Errors
    /// The name of no built-in corpus.
    pub(crate) fn source(&self) -> Result<Option<CorpusSource>, RuntimeError> {
        let named = if self.data.is_empty() {
            &self.files
        } else {
            &self.data
        };
        if named.is_empty() {
            return Ok(None);
        }
        Ok(Some(CorpusSource::of_arguments(named)?))
    }
}

/// Reads every pair of a corpus, as one that is scored: a line for each line, blank or long ones too.
///
/// # Errors
/// Those of [`read`].
pub(crate) fn read_all(model: &OpenedModel, source: &CorpusSource) -> Result<Corpus, RuntimeError> {
    let options = ReadOptions {
        keep_all: true,
        ..model.config.reading()
    };
    let corpus = read(source, &options)?;
    let lacks = |pair: &&Pair| !pair.source.is_empty() && pair.target.is_empty();
    let without = corpus.pairs.iter().filter(lacks).count();
    if without > 0 {
        say(&format!(
            "{without} of {} lines have a source and no target (a tab parts them)",
            corpus.pairs.len()
        ));
    }
    Ok(corpus)
}
