//! How often an epoch sees the examples of corpora with weights.

use random::{Permutation, Place, Purpose};

/// For the numbers of this purpose that are not an epoch's.
const PARTS: u64 = u64::MAX;

/// How often an epoch sees which examples: those of each corpus of a list as often as its weight says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Repeats {
    /// Nothing where each is seen once.
    parts: Vec<Repeat>,
}

/// The examples of one corpus.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Repeat {
    /// The first of them.
    start: usize,
    /// How many there are.
    count: usize,
    /// How many of them an epoch sees, one that is seen twice counted twice.
    seen: usize,
}

impl Repeats {
    /// The examples of corpus `n` end before `ends[n]`, and each is seen `weights[n]` times an epoch: on the average where
    /// that is no whole number.
    pub fn new(ends: &[usize], weights: &[f64]) -> Self {
        if weights.iter().all(|&weight| weight == 1.0) {
            return Self::default();
        }
        let starts = std::iter::once(&0).chain(ends);
        let each = starts.zip(ends).zip(weights);
        let parts = each.map(|((&start, &end), &weight)| {
            let count = end - start;
            let seen = (count as f64 * weight).round() as usize;
            Repeat {
                start,
                count,
                // A corpus that is named is not left out whole.
                seen: seen.max(count.min(1)),
            }
        });
        Self {
            parts: parts.collect(),
        }
    }

    /// For each corpus how many examples it has, and how many of them an epoch sees; nothing where it sees each once.
    pub fn counts(&self) -> impl Iterator<Item = [usize; 2]> {
        self.parts.iter().map(|part| [part.count, part.seen])
    }

    /// The occurrences of `examples` examples in an epoch. Where an epoch sees a part of a corpus, the next sees another,
    /// until all have come equally often.
    pub(super) fn in_epoch(&self, examples: usize, seed: u64, epoch: u64) -> Occurrences {
        let mut end = 0;
        let numbered = (0..).zip(&self.parts);
        let parts = numbered.map(|(index, &part)| {
            end += part.seen;
            let order = Permutation::new(
                part.count as u64,
                Place {
                    seed,
                    purpose: Purpose::Shuffle,
                    step: PARTS,
                    index,
                },
            );
            let before = u128::from(epoch) * part.seen as u128;
            Seen {
                part,
                end,
                first: (before % part.count.max(1) as u128) as usize,
                order,
            }
        });
        let parts: Vec<Seen> = parts.collect();
        let count = match self.parts.is_empty() {
            true => examples,
            false => end,
        };
        Occurrences { count, parts }
    }
}

/// The occurrences of examples in an epoch, in no order of their own.
#[derive(Debug)]
pub(super) struct Occurrences {
    count: usize,
    parts: Vec<Seen>,
}

/// What an epoch sees of a corpus.
#[derive(Debug)]
struct Seen {
    part: Repeat,
    /// Occurrences of this corpus and those before it.
    end: usize,
    /// Where in the order of its examples the epoch begins.
    first: usize,
    order: Permutation,
}

impl Occurrences {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The place of the example of occurrence `index`.
    pub(super) fn place(&self, index: usize) -> usize {
        let Some(seen) = self
            .parts
            .get(self.parts.partition_point(|one| one.end <= index))
        else {
            return index;
        };
        let Repeat {
            start,
            count,
            seen: of_epoch,
        } = seen.part;
        let within = index + of_epoch - seen.end;
        start + seen.order.at(((seen.first + within) % count) as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn times(repeats: &Repeats, examples: usize, epochs: u64) -> Vec<usize> {
        let mut times = vec![0; examples];
        for epoch in 0..epochs {
            let occurrences = repeats.in_epoch(examples, 7, epoch);
            for index in 0..occurrences.count() {
                times[occurrences.place(index)] += 1;
            }
        }
        times
    }

    #[test]
    fn each_is_seen_once_without_weights() {
        let repeats = Repeats::new(&[2, 5], &[1.0, 1.0]);
        assert_eq!(repeats, Repeats::default());
        assert_eq!(times(&repeats, 5, 3), [3; 5]);
    }

    #[test]
    fn weights_say_how_often_a_corpus_is_seen() {
        let repeats = Repeats::new(&[2, 5, 5, 105], &[2.0, 1.0, 3.0, 0.25]);
        let once = times(&repeats, 105, 1);
        assert_eq!(once[..5], [2, 2, 1, 1, 1]);
        assert_eq!(once[5..].iter().sum::<usize>(), 25);
        let four = times(&repeats, 105, 4);
        assert_eq!(four[5..], [1; 100]);
        // Not the first quarter first.
        assert!(once[5..30].iter().sum::<usize>() < 20);
        assert_eq!(repeats.counts().last(), Some([100, 25]));
    }

    proptest! {
        #[test]
        fn no_example_is_ever_seen_two_times_more_than_its_neighbour(
            sizes in proptest::collection::vec((0usize..40, 0.01f64..5.0), 1..5),
            epochs in 1u64..9,
        ) {
            let mut ends = Vec::new();
            for (size, _) in &sizes {
                ends.push(ends.last().unwrap_or(&0) + size);
            }
            let weights: Vec<f64> = sizes.iter().map(|(_, weight)| *weight).collect();
            let repeats = Repeats::new(&ends, &weights);
            let times = times(&repeats, ends[ends.len() - 1], epochs);
            let mut start = 0;
            for &end in &ends {
                let part = &times[start..end];
                let most = part.iter().max().copied().unwrap_or(0);
                let least = part.iter().min().copied().unwrap_or(0);
                prop_assert!(most - least <= 1, "{:?}", part);
                start = end;
            }
        }
    }
}
