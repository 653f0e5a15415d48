//! The task of a search: all that it is to do.

use super::constraints::Constraints;
use super::steps::Ask;
use super::trace::{Path, Trace};
use super::{Hypothesis, Marks, SearchConfig};

/// When a translation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// At its end mark, or at the length limit of the config.
    Marked,
    /// After this many words, whatever they are: any word may be produced, marks too, and the end mark is a
    /// word like others. For measurements that untrained weights must not disturb.
    After(usize),
}

/// One search of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// How to search.
    pub config: &'a SearchConfig,
    /// The special marks.
    pub marks: &'a Marks,
    /// When a translation ends.
    pub ending: Ending,
    /// How many translations of each sentence are wanted.
    pub n_best: usize,
    /// Whether attention is wanted.
    pub attention: bool,
    /// The number of each sentence of the batch in the whole input; samples depend on it and not on the batch.
    /// Empty: its place in the batch.
    pub numbers: &'a [usize],
    /// Constraints of each sentence of the batch. Empty: none.
    pub constraints: &'a [Constraints],
    /// Words that are never to be said, whatever the model finds of them.
    pub unwritable: &'a [u32],
}

impl<'a> Task<'a> {
    /// The best translation of each sentence, without more.
    pub fn new(config: &'a SearchConfig, marks: &'a Marks) -> Self {
        Self {
            config,
            marks,
            ending: Ending::Marked,
            n_best: 1,
            attention: false,
            numbers: &[],
            constraints: &[],
            unwritable: &[],
        }
    }

    /// Whether nothing but the most probable words counts, so that greedy search will do.
    pub(super) fn is_plain(&self) -> bool {
        let config = self.config;
        config.min_length <= 1
            && config.no_repeat_ngram == 0
            && config.coverage_penalty == 0.0
            && self.constraints.iter().all(Constraints::is_empty)
    }

    /// Returns the request to each step, when a row is to have `count` next words.
    pub(super) fn ask(&self, count: usize) -> Ask {
        let marks = self.marks;
        let mut barred = match self.ending {
            Ending::Marked if self.config.allow_unknown => vec![marks.pad, marks.start],
            Ending::Marked => vec![marks.pad, marks.start, marks.unknown],
            Ending::After(_) => Vec::new(),
        };
        barred.extend(self.unwritable);
        Ask {
            count,
            barred,
            attention: self.attention || self.config.coverage_penalty != 0.0,
            everything: false,
        }
    }

    /// Most words for a source of `source` words.
    pub(super) fn limit(&self, source: usize) -> usize {
        match self.ending {
            Ending::Marked => self.config.limit(source),
            Ending::After(words) => words.max(1),
        }
    }

    /// Whether a translation of `length` words that end in `word` is complete.
    pub(super) fn ends(&self, word: u32, length: usize, limit: usize) -> bool {
        length >= limit || (self.ending == Ending::Marked && word == self.marks.end)
    }

    /// A complete translation with its score.
    pub(super) fn complete(&self, path: &Path, log_probability: f64) -> Hypothesis {
        let (tokens, mut attention) = Trace::unroll(path);
        let score = self.config.score(log_probability, tokens.len());
        let score = score + self.config.coverage(&attention);
        if !self.attention {
            attention.clear();
        }
        Hypothesis {
            tokens,
            log_probability,
            score,
            attention,
        }
    }
}
