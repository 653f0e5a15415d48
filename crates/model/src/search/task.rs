//! What a search is to do, all in one.

use super::steps::Ask;
use super::{Marks, SearchConfig};

/// When a translation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// At its end mark, or at the length limit of the config.
    Marked,
    /// After this many words, whatever they are: any word may be produced, marks too, and the end mark is a
    /// word like others. For measurements that untrained weights must not disturb.
    After(usize),
}

/// One search.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) config: &'a SearchConfig,
    pub(super) marks: &'a Marks,
    pub(super) ending: Ending,
    pub(super) n_best: usize,
    pub(super) attention: bool,
}

impl Task<'_> {
    /// What each step is asked for, when a row is to have `count` next words.
    pub(super) fn ask(&self, count: usize) -> Ask {
        let marks = self.marks;
        let barred = match self.ending {
            Ending::Marked if self.config.allow_unknown => vec![marks.pad, marks.start],
            Ending::Marked => vec![marks.pad, marks.start, marks.unknown],
            Ending::After(_) => Vec::new(),
        };
        Ask {
            count,
            barred,
            attention: self.attention,
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
}
