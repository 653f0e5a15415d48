//! The parts of a corpus.

use std::collections::BTreeMap;
use std::fmt;

use random::{Place, Purpose, Stream};

use super::Pair;

/// Which part of a corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// Pairs that a model learns from.
    Train,
    /// Pairs that progress is measured on during training.
    Valid,
    /// New pairs of the kind that training shows.
    Test,
    /// New pairs of a kind that training never shows.
    Unseen,
}

impl Split {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Train, Self::Valid, Self::Test, Self::Unseen];
}

impl fmt::Display for Split {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
            Self::Unseen => "unseen",
        })
    }
}

/// The pairs of every split of a corpus.
pub(super) type Divided = BTreeMap<Split, Vec<Pair>>;

/// The random numbers that make a split. Every corpus has a `seed` of its own.
pub(super) fn stream(seed: u64, split: Split) -> Stream {
    Stream::new(Place {
        seed,
        purpose: Purpose::Corpus,
        step: split as u64,
        index: 0,
    })
}

/// One of `items`, all equally likely; they must not be empty.
pub(super) fn pick<'a, T>(stream: &mut Stream, items: &'a [T]) -> &'a T {
    &items[stream.below(u32::try_from(items.len()).unwrap_or(u32::MAX)) as usize]
}
