//! Which examples go together, and when.

use std::cmp::Reverse;

use random::{Place, Purpose, Stream};
use serde::{Deserialize, Serialize};

use super::dataset::Dataset;
use super::examples::Examples;
use super::repeats::Occurrences;
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
    /// Up to so many examples are shuffled as a list; the order of more is computed place by place.
    pub listed: usize,
}

impl Default for BatchConfig {
    fn default() -> Self {
        Self {
            size: 64,
            unit: BatchUnit::Sentences,
            window: 50,
            multiple_of: 1,
            seed: 42,
            listed: 500_000,
        }
    }
}

/// The two shuffles of an epoch draw from streams of their own.
pub(super) const EXAMPLES: u64 = 0;
pub(super) const BATCHES: u64 = 1;

/// An example with the lengths that decide about its batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    place: usize,
    /// Of source and target.
    lengths: [usize; 2],
}

impl Measured {
    pub(super) fn of(examples: &dyn Examples, place: usize) -> Self {
        let lengths = examples.lengths(place);
        Self { place, lengths }
    }
}

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

    /// The batches of an epoch that is planned as a list: [`Self::epoch`].
    pub(super) fn plan(&self, examples: &dyn Examples, epoch: u64) -> Vec<Vec<usize>> {
        let occurrences = self.occurrences(examples, epoch);
        let mut order: Vec<usize> = (0..occurrences.count()).collect();
        Stream::new(self.place(epoch, EXAMPLES)).shuffle(&mut order);
        let mut batches = Vec::new();
        let mut rest = order.into_iter().peekable();
        while rest.peek().is_some() {
            let place = |occurrence| occurrences.place(occurrence);
            let sized = rest
                .by_ref()
                .map(|occurrence| Measured::of(examples, place(occurrence)));
            let mut window = self.window_of(sized);
            self.cut(&mut window, examples.has_pictures(), &mut batches);
        }
        Stream::new(self.place(epoch, BATCHES)).shuffle(&mut batches);
        batches
    }

    /// The occurrences of examples in an epoch.
    pub(super) fn occurrences(&self, examples: &dyn Examples, epoch: u64) -> Occurrences {
        examples
            .repeats()
            .in_epoch(examples.count(), self.seed, epoch)
    }

    pub(super) fn place(&self, epoch: u64, index: u64) -> Place {
        Place {
            seed: self.seed,
            purpose: Purpose::Shuffle,
            step: epoch,
            index,
        }
    }

    /// Takes as many of `examples` as make up `window` batches.
    pub(super) fn window_of(&self, examples: impl Iterator<Item = Measured>) -> Vec<Measured> {
        let whole = self.size.saturating_mul(self.window).max(1);
        match self.unit {
            BatchUnit::Sentences => examples.take(whole).collect(),
            BatchUnit::Tokens => {
                let mut window = Vec::new();
                let mut tokens = 0;
                for example in examples {
                    window.push(example);
                    tokens += self.padded_length(example);
                    if tokens >= whole {
                        break;
                    }
                }
                window
            }
        }
    }

    /// Sorts the examples of a window by length and cuts them into batches.
    pub(super) fn cut(
        &self,
        window: &mut [Measured],
        has_pictures: bool,
        batches: &mut Vec<Vec<usize>>,
    ) {
        window.sort_by_key(|example| {
            let [source, target] = example.lengths;
            // Most of the work on an image goes by its width.
            match has_pictures {
                true => (source, target),
                false => (target, source),
            }
        });
        if self.unit == BatchUnit::Sentences {
            let places = |batch: &[Measured]| batch.iter().map(|example| example.place).collect();
            batches.extend(window.chunks(self.size.max(1)).map(places));
            return;
        }
        let mut batch: Vec<usize> = Vec::new();
        let mut longest = 0;
        for &example in window.iter() {
            let length = self.padded_length(example);
            if !batch.is_empty() && longest.max(length) * (batch.len() + 1) > self.size {
                batches.push(std::mem::take(&mut batch));
                longest = 0;
            }
            longest = longest.max(length);
            batch.push(example.place);
        }
        batches.extend(Some(batch).filter(|batch| !batch.is_empty()));
    }

    fn padded_length(&self, example: Measured) -> usize {
        let [source, target] = example.lengths;
        source.max(target).next_multiple_of(self.multiple_of.max(1))
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
    use crate::batching::Example;
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
            let config = BatchConfig { size, unit, window, multiple_of, seed: 1, ..BatchConfig::default() };
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
