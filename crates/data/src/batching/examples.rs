//! What batches are made of: examples in memory, or in a cache on disk.

use super::batch::Batch;
use super::dataset::Dataset;
use crate::error::DataError;

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

    fn has_pictures(&self) -> bool {
        let first = self.examples.first();
        first.is_some_and(|example| example.source.is_picture())
    }

    fn gather(&self, places: &[usize], multiple_of: usize) -> Result<Batch, DataError> {
        Ok(self.batch(places, multiple_of))
    }
}
