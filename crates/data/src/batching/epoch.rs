//! The batches of an epoch, one after the other.

use std::collections::VecDeque;

use random::{Permutation, Stream};

use super::examples::Examples;
use super::plan::{BATCHES, BatchConfig, BatchUnit, EXAMPLES, Measured};
use super::repeats::Occurrences;

/// An iterator over the batches of an epoch, as places of examples. [`BatchConfig::epoch`].
#[derive(Debug)]
pub struct Epoch<'a> {
    config: BatchConfig,
    epoch: u64,
    examples: &'a dyn Examples,
    occurrences: Occurrences,
    /// The order of their occurrences, where there are too many for a list of it.
    order: Option<Permutation>,
    /// Occurrences that are in a batch already, by that order, and windows.
    taken: usize,
    windows: u64,
    /// Batches that come next.
    ready: VecDeque<Vec<usize>>,
    batches: usize,
}

impl BatchConfig {
    /// The batches of an epoch: every example once, or as often as [`Examples::repeats`] says, in an order that depends on
    /// the number of examples, their lengths, the seed and the epoch only.
    ///
    /// All examples are shuffled, those of a window sorted by target and then source length, images by width and then
    /// target length, and cut into batches. Of at most [`Self::listed`] examples all batches are shuffled; of more, those
    /// of each window: then no list as long as the data is ever made.
    pub fn epoch<'a>(&self, examples: &'a dyn Examples, epoch: u64) -> Epoch<'a> {
        let occurrences = self.occurrences(examples, epoch);
        let count = occurrences.count();
        let is_listed = count <= self.listed;
        let place = self.place(epoch, EXAMPLES);
        let mut batches = Epoch {
            config: *self,
            epoch,
            examples,
            occurrences,
            order: (!is_listed).then(|| Permutation::new(count as u64, place)),
            taken: 0,
            windows: 0,
            ready: match is_listed {
                true => self.plan(examples, epoch).into(),
                false => VecDeque::new(),
            },
            batches: 0,
        };
        batches.batches = match (is_listed, self.unit) {
            (true, _) => batches.ready.len(),
            (false, BatchUnit::Sentences) => count.div_ceil(self.size.max(1)),
            (false, BatchUnit::Tokens) => {
                batches.refill();
                let each = batches.taken as f64 / batches.ready.len().max(1) as f64;
                (count as f64 / each).round() as usize
            }
        };
        batches
    }
}

impl Epoch<'_> {
    /// How many batches the epoch has: about so many where they are measured in tokens and there are more examples than
    /// [`BatchConfig::listed`], judged by the first window.
    pub fn batches(&self) -> usize {
        self.batches
    }

    /// Leaves out the next `count` batches, or all that are left.
    pub fn skip_batches(&mut self, mut count: usize) {
        let size = self.config.size.max(1);
        let window = self.config.window.max(1);
        while count > 0 {
            let is_whole = self.occurrences.count() - self.taken >= size.saturating_mul(window);
            if self.ready.is_empty()
                && self.config.unit == BatchUnit::Sentences
                && is_whole
                && count >= window
            {
                self.taken += size * window;
                self.windows += 1;
                count -= window;
            } else if self.next().is_none() {
                return;
            } else {
                count -= 1;
            }
        }
    }

    /// Whether no batch is left.
    pub fn is_over(&self) -> bool {
        self.ready.is_empty() && (self.order.is_none() || self.taken == self.occurrences.count())
    }

    /// Makes the batches of the next window.
    fn refill(&mut self) {
        let Some(order) = &self.order else {
            return;
        };
        let config = &self.config;
        let rest = (self.taken..self.occurrences.count()).map(|index| {
            let occurrence = order.at(index as u64) as usize;
            Measured::of(self.examples, self.occurrences.place(occurrence))
        });
        let mut window = config.window_of(rest);
        self.taken += window.len();
        self.windows += 1;
        let mut batches = Vec::new();
        config.cut(&mut window, self.examples.has_pictures(), &mut batches);
        Stream::new(config.place(self.epoch, BATCHES + self.windows)).shuffle(&mut batches);
        self.ready = batches.into();
    }
}

impl Iterator for Epoch<'_> {
    type Item = Vec<usize>;

    fn next(&mut self) -> Option<Vec<usize>> {
        if self.ready.is_empty() {
            self.refill();
        }
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batching::{Dataset, Example};
    use proptest::prelude::*;

    fn dataset(lengths: &[(usize, usize)]) -> Dataset {
        let example = |&(source, target): &(usize, usize)| Example {
            source: vec![4; source].into(),
            target: vec![5; target],
        };
        Dataset {
            examples: lengths.iter().map(example).collect(),
            ..Dataset::default()
        }
    }

    proptest! {
        #[test]
        fn every_example_comes_once_however_many_there_are(
            lengths in proptest::collection::vec((1usize..30, 1usize..30), 0..300),
            size in 1usize..100,
            window in 1usize..9,
            listed in 0usize..300,
            tokens: bool,
            epoch: u64,
        ) {
            let dataset = dataset(&lengths);
            let unit = if tokens { BatchUnit::Tokens } else { BatchUnit::Sentences };
            let config = BatchConfig { size, unit, window, listed, ..BatchConfig::default() };
            let batches: Vec<Vec<usize>> = config.epoch(&dataset, epoch).collect();
            let mut seen = batches.concat();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
            let whole = config.epoch(&dataset, epoch);
            if !tokens || lengths.len() <= listed {
                prop_assert_eq!(whole.batches(), batches.len());
            }
            for skipped in [0, 1, window, 2 * window + 1, batches.len(), batches.len() + 3] {
                let mut rest = config.epoch(&dataset, epoch);
                rest.skip_batches(skipped);
                prop_assert_eq!(rest.is_over(), skipped >= batches.len());
                let rest: Vec<Vec<usize>> = rest.collect();
                prop_assert_eq!(&rest[..], batches.get(skipped..).unwrap_or_default());
            }
        }
    }

    #[test]
    fn epochs_without_a_list_differ_and_hold_like_lengths() {
        let lengths: Vec<(usize, usize)> = (0..6_400).map(|i| (1 + i % 7, 1 + i % 40)).collect();
        let dataset = dataset(&lengths);
        let config = BatchConfig {
            listed: 100,
            ..BatchConfig::default()
        };
        let order = |epoch| config.epoch(&dataset, epoch).collect::<Vec<_>>();
        assert_eq!(order(3), order(3));
        assert_ne!(order(0), order(1));
        let padding = |places: &Vec<usize>| dataset.batch(places, 1).padding();
        let batches = order(0);
        let mean = batches.iter().map(padding).sum::<f64>() / batches.len() as f64;
        assert!(mean < 0.2, "{mean}");
    }
}
