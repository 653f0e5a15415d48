//! Where the rows of a batch look in one step.

use std::ops::Range;

use super::inputs::{Inputs, Reach, Shape};
use crate::attention::cpu::row::{Compared, Coverage, Sentence};
use crate::attention::window::{Bell, monotonic, predictive};
use crate::span::at;

/// Inputs of attention in one step, for the rows of a batch.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub shape: Shape,
    pub inputs: &'a Inputs<'a>,
    pub time: usize,
    /// `[B, S]`: the sums of the weights before; empty where they do not count.
    pub sums: &'a [f32],
    /// `[B]`: predicted positions; empty where there are none.
    pub centers: &'a [f32],
}

impl<'a> Reading<'a> {
    /// Inputs of step `time`, from the `sums` and `centers` of all steps.
    pub fn at(
        shape: Shape,
        inputs: &'a Inputs<'a>,
        time: usize,
        sums: &'a [f32],
        centers: &'a [f32],
    ) -> Self {
        let Shape { batch, source, .. } = shape;
        Self {
            shape,
            inputs,
            time,
            sums: at(sums, time, batch * source),
            centers: at(centers, time, batch),
        }
    }

    /// The positions that row `row` may look at, at least one.
    pub fn positions(&self, row: usize) -> Range<usize> {
        let length = self.inputs.lengths[row];
        match self.inputs.reach {
            Reach::Everywhere => 0..length,
            Reach::Monotonic { window } => monotonic(self.time, window, length),
            Reach::Predictive { window, .. } => predictive(self.centers[row], window, length),
        }
    }

    /// Keys, memory and energy for head `head` of row `row` at `positions`.
    pub fn sentence(&self, row: usize, head: usize, positions: &Range<usize>) -> Sentence<'a> {
        let Shape {
            source,
            keys,
            memory,
            heads,
            ..
        } = self.shape;
        let first = (row * heads + head) * source;
        let of = |width: usize| {
            let (start, end) = (first + positions.start, first + positions.end);
            start * width..end * width
        };
        Sentence {
            energy: Compared {
                energy: self.inputs.energy,
                coverage: (!self.sums.is_empty()).then(|| Coverage {
                    sums: &self.sums[of(1)],
                    vector: self.inputs.coverage,
                }),
            },
            keys: &self.inputs.keys[of(keys / heads)],
            memory: &self.inputs.memory[of(memory / heads)],
            bell: match self.inputs.reach {
                Reach::Predictive { window, .. } => {
                    Some(Bell::new(self.centers[row], window, positions.start))
                }
                Reach::Everywhere | Reach::Monotonic { .. } => None,
            },
        }
    }
}
