//! Attention of all queries of a target sequence at once, for decoders whose steps do not wait for what
//! attention found.
//!
//! A query's weights are the softmax of its energies with the keys of its own sentence, its context the
//! weighted sum of the sentence's memory. `T` is target time, `B` batch, `S` source time, `M` memory size,
//! `A` key size. Source positions at or beyond a row's length get no weight and no gradient.

mod backward;
mod forward;
pub mod row;
pub mod steps;

use std::ops::Range;

pub use backward::{Gradients, backward};
pub use forward::{Forward, forward};

use network::Energy;
use row::{Compared, Sentence};

/// Sentences that one task takes: few, because sentences have different lengths.
const TASK_SENTENCES: usize = 4;

/// Sizes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// `T`, target time steps.
    pub time: usize,
    /// `B`, rows of the batch.
    pub batch: usize,
    /// `S`, source time steps.
    pub source: usize,
    /// `M`, numbers of one memory vector.
    pub memory: usize,
    /// `A`, numbers of one key and of one query.
    pub keys: usize,
}

/// Inputs of attention.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// `[T, B, A]`
    pub queries: &'a [f32],
    /// `[B, S, A]`
    pub keys: &'a [f32],
    /// `[B, S, M]`
    pub memory: &'a [f32],
    /// `[B]`: real source positions of each row, 1 to `S`.
    pub lengths: &'a [usize],
    /// How a query and a key make an energy.
    pub energy: Energy<&'a [f32]>,
}

impl<'a> Inputs<'a> {
    fn check(&self, shape: Shape) {
        let Shape {
            time,
            batch,
            source,
            memory,
            keys,
        } = shape;
        assert!(memory > 0 && keys > 0, "no vector is empty");
        assert_eq!(
            self.queries.len(),
            time * batch * keys,
            "queries is [T, B, A]"
        );
        assert_eq!(self.keys.len(), batch * source * keys, "keys is [B, S, A]");
        assert_eq!(
            self.memory.len(),
            batch * source * memory,
            "memory is [B, S, M]"
        );
        assert_eq!(self.lengths.len(), batch, "there is one length a row");
        assert!(
            self.lengths.iter().all(|n| (1..=source).contains(n)),
            "every row has 1 to S real source positions"
        );
        if let Energy::Additive(vector) = self.energy {
            assert_eq!(vector.len(), keys, "vector is [A]");
        }
    }

    /// Keys, memory and energy for the queries of row `row`.
    fn sentence(&self, shape: Shape, row: usize) -> Sentence<'a> {
        let (first, length) = (row * shape.source, self.lengths[row]);
        Sentence {
            energy: Compared {
                energy: self.energy,
                coverage: None,
            },
            keys: &self.keys[first * shape.keys..(first + length) * shape.keys],
            memory: &self.memory[first * shape.memory..(first + length) * shape.memory],
            bell: None,
        }
    }
}

/// The rows of each task.
fn tasks(batch: usize) -> Vec<Range<usize>> {
    (0..batch)
        .step_by(TASK_SENTENCES)
        .map(|first| first..(first + TASK_SENTENCES).min(batch))
        .collect()
}
