//! The training pairs as they were read: all of them, or an even sample of too many.

use std::collections::BTreeSet;

use data::DataError;
use data::corpus::{Corpus, CorpusSource, Features, Pair, ReadOptions, read_each, read_while};

use super::heard::Heard;
use super::sample::Sample;
use crate::config::{CacheUse, Config};
use crate::error::RunError;
use crate::filter::{self, Filters};

/// The training pairs.
#[derive(Debug, Default)]
pub(in crate::engine) struct Pairs {
    /// All pairs, or a sample.
    pub(super) corpus: Corpus,
    /// How many there are in all.
    pub(super) count: usize,
    /// Features of any of them.
    pub(super) features: BTreeSet<String>,
    /// Lines that say what was read and dropped.
    pub(super) said: Vec<String>,
}

/// How a corpus is read that is read again when a run goes on.
pub(super) fn options(config: &Config) -> ReadOptions {
    ReadOptions {
        regular_only: true,
        ..config.reading()
    }
}

/// The error of reading, or that somebody has asked to stop.
pub(super) fn stopped(error: DataError, heard: Heard<'_>) -> RunError {
    match (error, heard.stopped()) {
        (DataError::Stopped { .. }, Some(stopped)) => stopped,
        (error, _) => error.into(),
    }
}

/// Reads a whole corpus, unless somebody asks the program to stop.
pub(in crate::engine) fn read_unless(
    config: &Config,
    corpus: &CorpusSource,
    heard: Heard<'_>,
) -> Result<Corpus, RunError> {
    let go_on = || heard.interrupt.asked().is_none();
    let read = read_while(corpus, &options(config), &go_on);
    read.map_err(|error| stopped(error, heard))
}

impl Pairs {
    /// Reads and filters a corpus. Of more than `data.most_in_memory` pairs a sample is kept, unless more is needed of
    /// them than ids or they are to stay in memory.
    pub(super) fn read(
        config: &Config,
        corpus: &CorpusSource,
        heard: Heard<'_>,
    ) -> Result<Self, RunError> {
        if config.images().is_some() {
            return Self::read_images(config, corpus, heard);
        }
        let keeps_all = config.data.cache == CacheUse::Off || config.needs_memory();
        let most = match keeps_all {
            true => usize::MAX,
            false => config.data.most_in_memory,
        };
        let mut filters = Filters::new(&config.data.filter).map_err(RunError::Usage)?;
        let mut sample = Sample::new(most);
        let mut pairs = Self::default();
        let go_on = || heard.interrupt.asked().is_none();
        let totals = read_each(corpus, &options(config), &go_on, &mut |pair, origin| {
            if !filters.keeps(&pair, origin, false) {
                return;
            }
            pairs.count += 1;
            for feature in pair.features.iter().flat_map(Features::iter) {
                if !pairs.features.contains(feature) {
                    pairs.features.insert(feature.to_owned());
                }
            }
            let kept = &mut pairs.corpus;
            kept.ends.resize(origin.part, pairs.count - 1);
            match sample.place() {
                None => {}
                Some(place) if place == kept.pairs.len() => {
                    kept.pairs.push(if most < usize::MAX {
                        fitted(pair)
                    } else {
                        pair
                    });
                    kept.lines.push(origin.line);
                }
                Some(place) => {
                    kept.pairs[place] = fitted(pair);
                    kept.lines[place] = origin.line;
                }
            }
        });
        let totals = totals.map_err(|error| stopped(error, heard))?;
        pairs.said = vec![totals.summary.to_string()];
        pairs.said.extend(
            filters
                .report(totals.summary.read)
                .map_err(RunError::Usage)?,
        );
        let corpus_count = corpus.parts().len();
        pairs.corpus.ends.resize(corpus_count, pairs.count);
        let corpus = &mut pairs.corpus;
        corpus.last_line = totals.last_line;
        (corpus.summary, corpus.contents) = (totals.summary, totals.contents);
        Ok(pairs)
    }

    fn read_images(
        config: &Config,
        corpus: &CorpusSource,
        heard: Heard<'_>,
    ) -> Result<Self, RunError> {
        let mut corpus = read_unless(config, corpus, heard)?;
        let mut said = vec![corpus.summary.to_string()];
        said.extend(filter::apply(&config.data.filter, &mut corpus).map_err(RunError::Usage)?);
        Ok(Self {
            count: corpus.pairs.len(),
            corpus,
            said,
            ..Self::default()
        })
    }

    /// Whether what is kept is a sample.
    pub(super) fn is_sample(&self) -> bool {
        self.corpus.pairs.len() < self.count
    }

    /// Lets go of the pairs themselves.
    pub(super) fn forget(&mut self) {
        (self.corpus.pairs, self.corpus.lines) = (Vec::new(), Vec::new());
    }

    /// The pairs that vocabularies are learned from: an even sample where there are more than `most`.
    pub(super) fn sampled(&self, most: usize) -> Option<Vec<Pair>> {
        if self.corpus.pairs.len() <= most {
            return None;
        }
        let mut sample = Sample::new(most);
        let mut drawn: Vec<&Pair> = self.corpus.pairs[..most].iter().collect();
        for pair in &self.corpus.pairs {
            if let Some(place) = sample.place() {
                drawn[place] = pair;
            }
        }
        Some(drawn.into_iter().cloned().collect())
    }
}

/// Bytes that texts of a sample are rounded up to.
const GRAIN: usize = 32;

/// The pair in memory of few sizes: of millions of texts that come and go, each then finds room that another has left, where
/// rooms of any size would leave the memory full of gaps.
fn fitted(pair: Pair) -> Pair {
    let fit = |text: &str| {
        let mut fitted = String::with_capacity(text.len().next_multiple_of(GRAIN));
        fitted.push_str(text);
        fitted
    };
    Pair {
        source: fit(&pair.source),
        target: fit(&pair.target),
        ..pair
    }
}
