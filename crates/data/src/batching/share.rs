//! The part of a batch that one of several processes works on.

use random::Rows;

use super::batch::{Batch, Padded};
use super::examples::Examples;
use super::prefetch::Prefetched;
use super::source::{Pictures, Sources};

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

    /// Part `number` of `count` of this share.
    fn part(self, number: usize, count: usize) -> Self {
        Self {
            first: self.first + number * self.of,
            of: self.of * count,
        }
    }

    /// These rows of `all`, of `width` values each.
    fn rows_of<T: Clone>(self, all: &[T], width: usize) -> Vec<T> {
        let rows = all.chunks(width.max(1)).skip(self.first);
        rows.step_by(self.of.max(1)).flatten().cloned().collect()
    }
}

impl Padded {
    fn share(&self, share: Share) -> Self {
        let lengths = share.rows_of(&self.lengths, 1);
        Self {
            ids: share.rows_of(&self.ids, self.time),
            rows: lengths.len(),
            lengths,
            time: self.time,
        }
    }
}

impl Sources {
    fn share(&self, share: Share) -> Self {
        match self {
            Self::Words(words) => Self::Words(words.share(share)),
            Self::Pictures(pictures) => {
                let &Pictures {
                    channels,
                    height,
                    width,
                    ..
                } = pictures;
                Self::Pictures(Pictures {
                    pixels: share.rows_of(&pictures.pixels, channels * height * width),
                    widths: share.rows_of(&pictures.widths, 1),
                    channels,
                    height,
                    width,
                })
            }
        }
    }
}

impl Batch {
    /// Some of the rows, padded as they are.
    fn share(&self, share: Share) -> Self {
        let source = self.source.share(share);
        let target_output = self.target_output.share(share);
        Self {
            source_tokens: source.lengths().iter().sum(),
            target_tokens: target_output.lengths.iter().sum(),
            source,
            target_input: self.target_input.share(share),
            target_output,
            indices: share.rows_of(&self.indices, 1),
            links: share.rows_of(&self.links, 1),
        }
    }
}

impl Prefetched {
    /// The batch in `count` parts of like size, each of which knows which of the rows it has: what is random is for each row as
    /// it is in the whole.
    pub fn parts(&self, count: usize) -> Vec<Self> {
        let part = |number| {
            let whole = Whole {
                share: self.whole.share.part(number, count),
                ..self.whole.clone()
            };
            let share = Share {
                first: number,
                of: count,
            };
            Self {
                batch: self.batch.share(share),
                whole,
                ..*self
            }
        };
        (0..count).map(part).collect()
    }
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
