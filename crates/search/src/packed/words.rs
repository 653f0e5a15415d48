//! Words' shares of the gates: each word vector times the input weight, remembered.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::weight::Affine;

/// Most numbers that are remembered: 32 MiB.
const MOST: usize = 1 << 23;

/// A table of word vectors and the weight that multiplies them. A word's product is the same wherever it
/// stands, so the first ones asked for, which are mostly the frequent ones, are kept.
#[derive(Debug)]
pub(super) struct Words {
    embedding: Vec<f32>,
    size: usize,
    weight: Affine,
    known: Mutex<Known>,
}

/// Products by word.
#[derive(Debug)]
struct Known {
    /// The place of each word of the vocabulary in `rows`.
    places: Vec<Option<u32>>,
    rows: Vec<f32>,
}

/// The products of some words.
pub(super) struct Shares<'a> {
    known: MutexGuard<'a, Known>,
    places: Vec<u32>,
    columns: usize,
}

impl Shares<'_> {
    /// The product of the word at `index` of those asked for.
    pub(super) fn row(&self, index: usize) -> &[f32] {
        let start = self.places[index] as usize * self.columns;
        &self.known.rows[start..start + self.columns]
    }
}

impl Drop for Shares<'_> {
    fn drop(&mut self) {
        // What does not fit is forgotten.
        let fit = MOST / self.columns;
        if self.known.rows.len() > fit * self.columns {
            self.known.rows.truncate(fit * self.columns);
            let fit = fit as u32;
            for place in &mut self.known.places {
                *place = place.filter(|&place| place < fit);
            }
        }
    }
}

impl Words {
    /// For vectors of `size` numbers.
    pub(super) fn new(embedding: &[f32], size: usize, weight: Affine) -> Self {
        let vocabulary = embedding.len() / size;
        assert_eq!(embedding.len(), vocabulary * size, "an embedding is [V, E]");
        Self {
            embedding: embedding.to_vec(),
            size,
            weight,
            known: Mutex::new(Known {
                places: vec![None; vocabulary],
                rows: Vec::new(),
            }),
        }
    }

    /// How many words there are.
    pub(super) fn count(&self) -> usize {
        self.embedding.len() / self.size
    }

    /// The products of `words`, bias included.
    ///
    /// # Panics
    /// When a word is not in the vocabulary.
    pub(super) fn shares(&self, words: impl IntoIterator<Item = u32>) -> Shares<'_> {
        let columns = self.weight.columns();
        let mut guard = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = &mut *guard;
        let mut next = (known.rows.len() / columns) as u32;
        let (mut places, mut vectors) = (Vec::new(), Vec::new());
        for word in words {
            let word = word as usize;
            let place = *known.places[word].get_or_insert_with(|| {
                vectors.extend_from_slice(&self.embedding[word * self.size..][..self.size]);
                next += 1;
                next - 1
            });
            places.push(place);
        }
        if !vectors.is_empty() {
            known.rows.extend_from_slice(&self.weight.apply(&vectors));
        }
        Shares {
            known: guard,
            places,
            columns,
        }
    }
}
