//! The part of a batch that one of several processes works on.

use random::Rows;

use super::batch::Batch;
use super::examples::Examples;

/// Every `of`-th row of a batch, the longest source first, from row `first` on: so long and short ones are shared out evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The first row.
    pub first: usize,
    /// How many share a batch.
    pub of: usize,
}

impl Share {
    /// All of it.
    pub const WHOLE: Self = Self { first: 0, of: 1 };
}

/// A batch as all its sharers know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// Lengths of sources and targets of all rows, in their order.
    pub lengths: [Vec<usize>; 2],
    /// Which rows are here.
    share: Share,
}

impl Whole {
    /// The batch of the examples at `places`, and the places of those that `share` has of it.
    pub(super) fn of(
        examples: &dyn Examples,
        places: &[usize],
        share: Share,
    ) -> (Self, Vec<usize>) {
        let mut rows: Vec<(usize, [usize; 2])> = places
            .iter()
            .map(|&place| (place, examples.lengths(place)))
            .collect();
        // The order in which rows are put side by side.
        rows.sort_by_key(|(_, [source, _])| std::cmp::Reverse(*source));
        let own = rows.iter().skip(share.first).step_by(share.of.max(1));
        let own = own.map(|(place, _)| *place).collect();
        let lengths = [0, 1].map(|side| rows.iter().map(|(_, lengths)| lengths[side]).collect());
        (Self { lengths, share }, own)
    }

    /// That of a batch that is here as a whole.
    pub fn all_of(batch: &Batch) -> Self {
        let targets = batch.target_input.lengths.clone();
        Self {
            lengths: [batch.source.lengths().to_vec(), targets],
            share: Share::WHOLE,
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.lengths[0].len()
    }

    /// Target ids that are not padding, end marks counted.
    pub fn target_tokens(&self) -> usize {
        self.lengths[1].iter().sum()
    }

    /// Which of the rows are here.
    pub fn own(&self) -> Rows {
        let Share { first, of } = self.share;
        Rows {
            first,
            step: of,
            all: self.rows(),
        }
    }
}
