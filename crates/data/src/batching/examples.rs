//! What batches are made of: examples in memory, or in a cache on disk.

use super::batch::Batch;
use super::dataset::Dataset;
use super::repeats::Repeats;
use crate::error::DataError;

/// How lengths of sources and targets go together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spread {
    /// Sums of the lengths of sources and targets.
    pub sums: [usize; 2],
    /// For each length of a source, the longest target beside one.
    pub longest_targets: Vec<usize>,
}

/// Examples that can be asked for by their places.
pub trait Examples: std::fmt::Debug + Send + Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// Lengths of the source and target of the example at `place`: tokens, the end marks counted, or the columns of an
    /// image.
    ///
    /// # Panics
    /// If the place is not below the number of examples.
    fn lengths(&self, place: usize) -> [usize; 2];

    /// How often an epoch sees which of them.
    fn repeats(&self) -> &Repeats;

    /// How their lengths go together.
    fn spread(&self) -> Spread {
        let mut spread = Spread::default();
        for [source, target] in (0..self.count()).map(|place| self.lengths(place)) {
            spread.sums = [spread.sums[0] + source, spread.sums[1] + target];
            let longest = &mut spread.longest_targets;
            longest.resize(longest.len().max(source + 1), 0);
            longest[source] = longest[source].max(target);
        }
        spread
    }

    /// Whether sources are images.
    fn has_pictures(&self) -> bool;

    /// The batch of the examples at `places`, with lengths filled up to a multiple of `multiple_of`;
    /// [`Batch::indices`] are such places.
    ///
    /// # Errors
    /// [`DataError::DamagedCache`] where a file does not hold what was written to it.
    ///
    /// # Panics
    /// If a place is not below the number of examples.
    fn gather(&self, places: &[usize], multiple_of: usize) -> Result<Batch, DataError>;
}

impl Examples for Dataset {
    fn count(&self) -> usize {
        self.examples.len()
    }

    fn lengths(&self, place: usize) -> [usize; 2] {
        let example = &self.examples[place];
        [example.source.len(), example.target.len()]
    }

    fn repeats(&self) -> &Repeats {
        &self.repeats
    }

    fn has_pictures(&self) -> bool {
        let first = self.examples.first();
        first.is_some_and(|example| example.source.is_picture())
    }

    fn gather(&self, places: &[usize], multiple_of: usize) -> Result<Batch, DataError> {
        Ok(self.batch(places, multiple_of))
    }
}
