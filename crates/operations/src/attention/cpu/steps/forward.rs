//! One step after another.

use super::inputs::{Inputs, Reach, Shape};
use super::reading::Reading;
use crate::attention::cpu::row::Attend;
use crate::attention::window::center;
use crate::span::{repeat, rows_each, step};
use kernels::buffer::Buffer;
use kernels::elementwise::TanhInPlace;
use kernels::instruction_sets::Capped;
use kernels::matmul::{Matrix, Packed, matmul_packed};
use kernels::parallel;
use kernels::storage::zeros;

/// Values kept for the backward pass.
#[derive(Clone, Debug)]
pub struct Saved {
    /// `[T, B, A]`: queries with their bias; empty where states are queries.
    pub(super) queries: Buffer,
    /// `[T, B, M]`
    pub(crate) contexts: Buffer,
    /// `[T, B, N, S]`
    pub(super) weights: Vec<f32>,
    /// `[T, B, S]`: the sums of the weights before; empty where they do not count.
    pub(super) sums: Buffer,
    /// `[T, B, H]`: what predicts positions, `tanh(q W_p)`; empty where none are predicted.
    pub(super) squashed: Buffer,
    /// `[T, B]`: predicted positions, if any.
    pub(super) centers: Vec<f32>,
    shape: Shape,
}

impl Saved {
    /// Room for every step.
    pub(crate) fn new(shape: Shape, inputs: &Inputs) -> Self {
        let Shape {
            time,
            batch,
            source,
            hidden,
            memory,
            heads,
            ..
        } = shape;
        let predicted = inputs.reach.width(hidden);
        let covered = match inputs.coverage {
            [] => 0,
            _ => source,
        };
        Self {
            queries: Buffer::new(time * batch * inputs.query_width(shape)),
            contexts: Buffer::new(time * batch * memory),
            weights: zeros(time * batch * heads * source),
            sums: Buffer::zeros(time * batch * covered),
            squashed: Buffer::new(time * batch * predicted),
            centers: vec![0.0; if predicted > 0 { time * batch } else { 0 }],
            shape,
        }
    }

    /// Attention weights, `[T, B, S]`, zero at padded source positions; the mean of the heads'.
    pub fn weights(&self) -> Vec<f32> {
        let Shape { heads, source, .. } = self.shape;
        if heads == 1 {
            return self.weights.clone();
        }
        let mut means = zeros(self.weights.len() / heads);
        let rows = self.weights.chunks_exact((heads * source).max(1));
        for (mean, row) in means.chunks_exact_mut(source.max(1)).zip(rows) {
            for head in row.chunks_exact(source) {
                for (mean, weight) in mean.iter_mut().zip(head) {
                    *mean += weight / heads as f32;
                }
            }
        }
        means
    }
}

/// Matrices, packed once for the products of every step.
pub(super) struct Weights {
    /// What makes queries of states, unless these are queries.
    pub query: Option<Packed>,
    /// What makes positions of states, where they are predicted.
    pub position: Option<Packed>,
}

impl Weights {
    /// As they are for the forward pass, or transposed for the backward pass.
    pub fn new(shape: Shape, inputs: &Inputs, transposed: bool) -> Self {
        let Shape { hidden, keys, .. } = shape;
        let pack = |data, columns| {
            let matrix = Matrix::new(data, hidden, columns);
            Packed::new(if transposed {
                matrix.transposed()
            } else {
                matrix
            })
        };
        Self {
            query: match inputs.query_weight {
                [] => None,
                weight => Some(pack(weight, keys)),
            },
            position: match inputs.reach {
                Reach::Predictive { weight, .. } => Some(pack(weight, hidden)),
                Reach::Everywhere | Reach::Monotonic { .. } => None,
            },
        }
    }
}

/// Attention over the walk.
pub(crate) struct Walk<'a> {
    shape: Shape,
    inputs: &'a Inputs<'a>,
    packed: Weights,
}

impl<'a> Walk<'a> {
    pub fn new(shape: Shape, inputs: &'a Inputs<'a>) -> Self {
        Self {
            shape,
            inputs,
            packed: Weights::new(shape, inputs, false),
        }
    }

    /// Answers the states `[B, H]` of step `time`: writes its contexts and weights.
    pub fn attend(&self, time: usize, state: &[f32], saved: &mut Saved) {
        let Shape {
            batch,
            source,
            hidden,
            memory,
            keys,
            heads,
            ..
        } = self.shape;
        let mut queries = state;
        if let Some(weight) = &self.packed.query {
            let out = &mut saved.queries[step(time, batch, keys)];
            let bias = self.inputs.query_bias;
            if !bias.is_empty() {
                repeat(bias, out);
            }
            let state = Matrix::new(state, batch, hidden);
            matmul_packed(state, weight, out, !bias.is_empty());
            queries = out;
        }
        if let (Reach::Predictive { vector, .. }, Some(weight)) =
            (self.inputs.reach, &self.packed.position)
        {
            let squashed = &mut saved.squashed[step(time, batch, hidden)];
            matmul_packed(Matrix::new(state, batch, hidden), weight, squashed, false);
            let parts = squashed.chunks_mut(rows_each(batch) * hidden).collect();
            parallel::each(parts, |part| TanhInPlace(part).run());
            let rows = squashed.chunks_exact(hidden).zip(self.inputs.lengths);
            let centers = &mut saved.centers[step(time, batch, 1)];
            for (place, (squashed, &length)) in centers.iter_mut().zip(rows) {
                *place = center(squashed, vector, length);
            }
        }
        if !saved.sums.is_empty() && time > 0 {
            let (before, now) = saved.sums.split_at_mut(time * batch * source);
            let last = step(time - 1, batch, source);
            let before = before[last.clone()].iter().zip(&saved.weights[last]);
            for (now, (sum, weight)) in now.iter_mut().zip(before) {
                *now = sum + weight;
            }
        }
        let reading = Reading::at(self.shape, self.inputs, time, &saved.sums, &saved.centers);
        let weights = &mut saved.weights[step(time, batch, heads * source)];
        let contexts = &mut saved.contexts[step(time, batch, memory)];
        let each = rows_each(batch);
        let parts = weights
            .chunks_mut((each * heads * source).max(1))
            .zip(contexts.chunks_mut(each * memory))
            .enumerate()
            .collect();
        parallel::each(parts, |(part, (weights, contexts))| {
            let answers = weights
                .chunks_exact_mut(source)
                .zip(contexts.chunks_exact_mut(memory / heads));
            for (place, (weights, context)) in answers.enumerate() {
                let (row, head) = (part * each + place / heads, place % heads);
                let positions = reading.positions(row);
                let query = (row * heads + head) * (keys / heads);
                context.fill(0.0);
                Attend {
                    sentence: reading.sentence(row, head, &positions),
                    query: &queries[query..query + keys / heads],
                    weights: &mut weights[positions],
                    context,
                }
                .run();
            }
        });
    }
}
