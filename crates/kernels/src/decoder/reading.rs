//! Where the rows of a batch look in one step.

use std::ops::Range;

use rten_simd::SimdOp;

use super::attention::{Bell, Compare, Coverage, Focus, Sentence};
use super::forward::at;
use super::{Energy, Inputs, Reach, Shape};
use crate::lanes::Dot;

/// What the rows of a batch read in one step.
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
    /// What is read at step `time`, of the `sums` and `centers` of all steps.
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
            Reach::Monotonic { window } => {
                let center = self.time.min(length - 1);
                center.saturating_sub(window)..(center + window + 1).min(length)
            }
            Reach::Predictive { window, .. } => {
                // Between 0 and the length, so that one of the two positions around it is real.
                let (center, window) = (self.centers[row], window as f32);
                let first = (center - window).ceil().max(0.0) as usize;
                first.min(length - 1)..((center + window).floor() as usize + 1).min(length)
            }
        }
    }

    /// What row `row` is compared with at `positions`.
    pub fn sentence(&self, row: usize, positions: &Range<usize>) -> Sentence<'a> {
        let Shape {
            source,
            keys,
            memory,
            ..
        } = self.shape;
        let of = |width: usize| {
            let (start, end) = (row * source + positions.start, row * source + positions.end);
            start * width..end * width
        };
        Sentence {
            compare: match self.inputs.energy {
                Energy::Additive { vector, .. } => Compare::Additive(vector),
                Energy::Multiplicative { scale } => Compare::Multiplicative(scale),
            },
            keys: &self.inputs.keys[of(keys)],
            memory: &self.inputs.memory[of(memory)],
            focus: Focus {
                coverage: (!self.sums.is_empty()).then(|| Coverage {
                    sums: &self.sums[of(1)],
                    vector: self.inputs.coverage,
                }),
                bell: match self.inputs.reach {
                    Reach::Predictive { window, .. } => Some(Bell {
                        center: self.centers[row] - positions.start as f32,
                        deviation: window as f32 / 2.0,
                    }),
                    Reach::Everywhere | Reach::Monotonic { .. } => None,
                },
            },
        }
    }
}

/// `n sigmoid(v . squashed)`: the position of a row that asks in a source of `length` positions.
pub(super) fn center(squashed: &[f32], vector: &[f32], length: usize) -> f32 {
    let place = Dot(squashed, vector).dispatch();
    length as f32 / (1.0 + (-place).exp())
}

/// The gradient of the inner product in [`center`] from that of the position.
pub(super) fn center_backward(center: f32, length: usize, gradient: f32) -> f32 {
    gradient * center * (1.0 - center / length as f32)
}
