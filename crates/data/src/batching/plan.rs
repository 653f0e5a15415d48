//! Which examples go together, and when.

use std::cmp::Reverse;

use random::{Place, Purpose, Stream};
use serde::{Deserialize, Serialize};

use super::dataset::{Dataset, Example};
use crate::error::DataError;

/// Unit of the size of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchUnit {
    /// Sentence pairs.
    #[default]
    Sentences,
    /// Ids of the longer side, padding counted; of an image, its columns.
    Tokens,
}

/// How a data set is cut into batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchConfig {
    /// The size of a batch in `unit`s. An example that is larger than a whole batch of tokens is a
    /// batch by itself.
    pub size: usize,
    /// Unit of `size`.
    pub unit: BatchUnit,
    /// Examples are sorted by length within windows of this many batches: larger windows mean less
    /// padding, smaller ones more chance.
    pub window: usize,
    /// Lengths are filled up to a multiple of this; GPUs want 8, so that few shapes occur.
    pub multiple_of: usize,
    /// The seed of the order.
    pub seed: u64,
}

impl Default for BatchConfig {
    fn default() -> Self {
        Self {
            size: 64,
            unit: BatchUnit::Sentences,
            window: 50,
            multiple_of: 1,
            seed: 42,
        }
    }
}

/// The two shuffles of an epoch draw from streams of their own.
const EXAMPLES: u64 = 0;
const BATCHES: u64 = 1;

impl BatchConfig {
    /// Refuses settings that cannot be zero, before a run depends on them.
    ///
    /// # Errors
    /// [`DataError::ZeroBatch`] with the setting's name.
    pub fn check(&self) -> Result<(), DataError> {
        let settings = [
            ("batch_size", self.size),
            ("window", self.window),
            ("multiple_of", self.multiple_of),
        ];
        match settings.into_iter().find(|(_, value)| *value == 0) {
            Some((key, _)) => Err(DataError::ZeroBatch { key }),
            None => Ok(()),
        }
    }

    /// The batches of an epoch, as places in the data set: every example once, in an order that
    /// depends on the seed and the epoch only.
    ///
    /// All examples are shuffled, those of a window sorted by target and then source length, images by
    /// width and then target length, cut into batches, and all batches shuffled.
    pub fn plan(&self, dataset: &Dataset, epoch: u64) -> Vec<Vec<usize>> {
        let stream = |index| {
            Stream::new(Place {
                seed: self.seed,
                purpose: Purpose::Shuffle,
                step: epoch,
                index,
            })
        };
        let mut order: Vec<usize> = (0..dataset.examples.len()).collect();
        stream(EXAMPLES).shuffle(&mut order);
        let mut batches = Vec::new();
        let mut rest = order.as_mut_slice();
        while !rest.is_empty() {
            let (window, after) = rest.split_at_mut(self.window_length(dataset, rest));
            window.sort_by_key(|&place| {
                let example = &dataset.examples[place];
                let [source, target] = [example.source.len(), example.target.len()];
                // Most of the work on an image goes by its width.
                match example.source.is_picture() {
                    true => (source, target),
                    false => (target, source),
                }
            });
            self.cut(dataset, window, &mut batches);
            rest = after;
        }
        stream(BATCHES).shuffle(&mut batches);
        batches
    }

    /// How many of `places` make up `window` batches.
    fn window_length(&self, dataset: &Dataset, places: &[usize]) -> usize {
        let whole = self.size.saturating_mul(self.window).max(1);
        match self.unit {
            BatchUnit::Sentences => places.len().min(whole),
            BatchUnit::Tokens => {
                let mut tokens = 0;
                let full = places.iter().position(|&place| {
                    tokens += self.padded_length(&dataset.examples[place]);
                    tokens >= whole
                });
                full.map_or(places.len(), |last| last + 1)
            }
        }
    }

    fn cut(&self, dataset: &Dataset, window: &[usize], batches: &mut Vec<Vec<usize>>) {
        if self.unit == BatchUnit::Sentences {
            batches.extend(window.chunks(self.size.max(1)).map(<[usize]>::to_vec));
            return;
        }
        let mut batch: Vec<usize> = Vec::new();
        let mut longest = 0;
        for &place in window {
            let length = self.padded_length(&dataset.examples[place]);
            if !batch.is_empty() && longest.max(length) * (batch.len() + 1) > self.size {
                batches.push(std::mem::take(&mut batch));
                longest = 0;
            }
            longest = longest.max(length);
            batch.push(place);
        }
        batches.extend(Some(batch).filter(|batch| !batch.is_empty()));
    }

    fn padded_length(&self, example: &Example) -> usize {
        let longer = example.source.len().max(example.target.len());
        longer.next_multiple_of(self.multiple_of.max(1))
    }
}

/// Places sorted by decreasing source length, equals in their own order.
pub(super) fn longest_first(dataset: &Dataset) -> Vec<usize> {
    let mut order: Vec<usize> = (0..dataset.examples.len()).collect();
    order.sort_by_key(|&place| Reverse(dataset.examples[place].source.len()));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dataset(lengths: &[(usize, usize)]) -> Dataset {
        Dataset {
            examples: lengths
                .iter()
                .map(|&(source, target)| Example {
                    source: vec![4; source].into(),
                    target: vec![5; target],
                })
                .collect(),
            ..Dataset::default()
        }
    }

    fn config(size: usize, unit: BatchUnit) -> BatchConfig {
        BatchConfig {
            size,
            unit,
            ..BatchConfig::default()
        }
    }

    #[test]
    fn epochs_and_seeds_differ_but_each_is_always_the_same() {
        let dataset = dataset(&[(3, 3); 100]);
        let plan = |seed, epoch| {
            let config = BatchConfig {
                seed,
                ..config(8, BatchUnit::Sentences)
            };
            config.plan(&dataset, epoch)
        };
        assert_eq!(plan(1, 0), plan(1, 0));
        assert_ne!(plan(1, 0), plan(1, 1));
        assert_ne!(plan(1, 0), plan(2, 0));
    }

    #[test]
    fn batches_hold_examples_of_like_length() {
        let lengths: Vec<(usize, usize)> = (0..640).map(|i| (1 + i % 7, 1 + i % 40)).collect();
        let dataset = dataset(&lengths);
        let batches = config(16, BatchUnit::Sentences).plan(&dataset, 0);
        assert_eq!(batches.len(), 40);
        for batch in batches {
            let of = |place: &usize| dataset.examples[*place].target.len();
            assert_eq!(batch.iter().map(of).min(), batch.iter().map(of).max());
        }
    }

    #[test]
    fn batches_hold_images_of_like_width() {
        use crate::image::{Background, ImageOptions, Picture, Raster};
        let options = ImageOptions {
            height: 1,
            channels: 1,
            max_width: 40,
            background: Background::Light,
        };
        let example = |i: usize| Example {
            source: Picture::new(Raster::grey(1 + i % 40, 1, |_, _| 0), &options).into(),
            target: vec![5; 1 + i % 7],
        };
        let dataset = Dataset {
            examples: (0..640).map(example).collect(),
            ..Dataset::default()
        };
        for batch in config(16, BatchUnit::Sentences).plan(&dataset, 0) {
            let of = |place: &usize| dataset.examples[*place].source.len();
            assert_eq!(batch.iter().map(of).min(), batch.iter().map(of).max());
        }
        for batch in config(120, BatchUnit::Tokens).plan(&dataset, 0) {
            assert!(dataset.batch(&batch, 1).source.places() <= 120);
        }
    }

    #[test]
    fn an_example_beyond_the_budget_is_a_batch_by_itself() {
        let dataset = dataset(&[(3, 3), (50, 2), (3, 3)]);
        let mut batches = config(8, BatchUnit::Tokens).plan(&dataset, 0);
        batches.sort_by_key(Vec::len);
        assert_eq!(batches[0], [1]);
        assert_eq!(batches[1].len(), 2);
    }

    #[test]
    fn zero_is_refused_by_name() {
        let message = config(0, BatchUnit::Tokens)
            .check()
            .unwrap_err()
            .to_string();
        assert!(message.contains("`batch_size` is 0"), "{message}");
        assert!(BatchConfig::default().check().is_ok());
    }

    proptest! {
        #[test]
        fn every_example_appears_once_and_budgets_are_kept(
            lengths in proptest::collection::vec((1usize..30, 1usize..30), 0..200),
            size in 1usize..200,
            window in 1usize..9,
            multiple_of in 1usize..9,
            tokens: bool,
            epoch: u64,
        ) {
            let dataset = dataset(&lengths);
            let unit = if tokens { BatchUnit::Tokens } else { BatchUnit::Sentences };
            let config = BatchConfig { size, unit, window, multiple_of, seed: 1 };
            let batches = config.plan(&dataset, epoch);
            let mut seen: Vec<usize> = batches.concat();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
            for places in &batches {
                let batch = dataset.batch(places, multiple_of);
                let padded = batch.source.places().max(batch.target_output.ids.len());
                let used = if tokens { padded } else { places.len() };
                prop_assert!(!places.is_empty());
                prop_assert!(used <= size || places.len() == 1, "{} > {}", used, size);
            }
            if !tokens {
                prop_assert_eq!(batches.len(), lengths.len().div_ceil(size));
            }
        }
    }
}
