//! The walk over target time.

use super::inputs::{Inputs, Reach, Shape};
use super::layer::{SavedLayer, Step};
use super::reading::Reading;
use super::span::{repeat, rows_each, step};
use super::weights::Weights;
use crate::attention::cpu::row::Attend;
use crate::attention::window::center;
use kernels::buffer::Buffer;
use kernels::elementwise::TanhInPlace;
use kernels::instruction_sets::Capped;
use kernels::matmul::{Matrix, matmul_packed};
use kernels::parallel;
use kernels::storage::{copy, zeros};
use network::cell::Cell;

/// Values kept for the backward pass.
#[derive(Clone, Debug)]
pub struct Saved {
    pub(super) layers: Vec<SavedLayer>,
    /// `[T, B, A]`: queries with their bias; empty where states are queries.
    pub(super) queries: Buffer,
    /// `[T, B, M]`
    pub(super) contexts: Buffer,
    /// `[T, B, N, S]`
    pub(super) weights: Vec<f32>,
    pub(super) shape: Shape,
    /// `[T, B, S]`: the sums of the weights before; empty where they do not count.
    pub(super) sums: Buffer,
    /// `[T, B, H]`: what predicts positions, `tanh(q W_p)`; empty where none are predicted.
    pub(super) squashed: Buffer,
    /// `[T, B]`: predicted positions, if any.
    pub(super) centers: Vec<f32>,
    /// `[T + 1, B, H]`: the outputs, after a step of zeros.
    pub(super) outputs: Buffer,
}

/// Results of the decoder.
#[derive(Clone, Debug)]
pub struct Forward {
    /// `f_t`, `[T, B, H]`.
    pub outputs: Vec<f32>,
    /// Values kept for the backward pass.
    pub saved: Saved,
}

impl Saved {
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

/// Runs the decoder.
///
/// # Panics
/// When a slice has another length than its documented shape, or several heads do not divide keys and memory, are
/// additive or have a window.
pub fn forward(cell: Cell, shape: Shape, inputs: &Inputs) -> Forward {
    inputs.check(cell, shape);
    assert_eq!(
        inputs.projected.len(),
        shape.time * shape.batch * cell.gates() * shape.hidden,
        "projected is [T, B, G*H]"
    );
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
    let covered = if inputs.coverage.is_empty() {
        0
    } else {
        source
    };
    parallel::inside(|| {
        let mut saved = Saved {
            layers: inputs
                .layers
                .iter()
                .map(|layer| SavedLayer::new(cell, shape, layer))
                .collect(),
            queries: Buffer::new(time * batch * query_width(shape, inputs)),
            contexts: Buffer::new(time * batch * memory),
            weights: zeros(time * batch * heads * source),
            shape,
            sums: Buffer::zeros(time * batch * covered),
            squashed: Buffer::new(time * batch * predicted),
            centers: vec![0.0; if predicted > 0 { time * batch } else { 0 }],
            outputs: Buffer::zeros((time + 1) * batch * hidden),
        };
        let walk = Walk {
            cell,
            shape,
            inputs,
            packed: Weights::new(cell, shape, inputs, false),
        };
        let mut scratch = Buffer::new(2 * batch * cell.gates() * hidden);
        for time in 0..time {
            if inputs.before {
                walk.attend(time, &mut saved);
            }
            walk.layers(time, &mut saved, &mut scratch);
            if !inputs.before {
                walk.attend(time, &mut saved);
            }
            walk.combine(time, &mut saved);
        }
        Forward {
            outputs: copy(&saved.outputs[batch * hidden..]),
            saved,
        }
    })
}

/// The width of a query that is not the state itself.
pub(super) fn query_width(shape: Shape, inputs: &Inputs) -> usize {
    match inputs.query_weight {
        [] => 0,
        _ => shape.keys,
    }
}

struct Walk<'a> {
    cell: Cell,
    shape: Shape,
    inputs: &'a Inputs<'a>,
    packed: Weights,
}

impl Walk<'_> {
    fn layers(&self, time: usize, saved: &mut Saved, scratch: &mut [f32]) {
        let Shape {
            batch,
            hidden,
            memory,
            ..
        } = self.shape;
        for index in 0..self.inputs.layers.len() {
            let (lower, upper) = saved.layers.split_at_mut(index);
            let below: &[f32] = match lower.last() {
                Some(layer) => &layer.outputs(batch * hidden)[step(time, batch, hidden)],
                None if self.inputs.before => &saved.contexts[step(time, batch, memory)],
                // The output before the first step is zero: its product is left out.
                None if time == 0 => &[],
                None => &saved.outputs[step(time, batch, hidden)],
            };
            Step {
                cell: self.cell,
                shape: self.shape,
                inputs: self.inputs,
                index,
                weights: &self.packed.layers[index],
                time,
                below,
            }
            .run(&mut upper[0], scratch);
        }
    }

    fn attend(&self, time: usize, saved: &mut Saved) {
        let Shape {
            batch,
            source,
            hidden,
            memory,
            keys,
            heads,
            ..
        } = self.shape;
        let top = self.inputs.layers.len() - 1;
        let now = step(time, batch, hidden);
        let state = match self.inputs.before {
            true => &saved.layers[top].states[now],
            false => &saved.layers[top].outputs(batch * hidden)[now],
        };
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

    fn combine(&self, time: usize, saved: &mut Saved) {
        let Shape {
            batch,
            hidden,
            memory,
            ..
        } = self.shape;
        let out = &mut saved.outputs[step(time + 1, batch, hidden)];
        repeat(self.inputs.combine_bias, out);
        let top = self.inputs.layers.len() - 1;
        let state = &saved.layers[top].outputs(batch * hidden)[step(time, batch, hidden)];
        let state = Matrix::new(state, batch, hidden);
        matmul_packed(state, &self.packed.combine_state, out, true);
        let context = &saved.contexts[step(time, batch, memory)];
        let context = Matrix::new(context, batch, memory);
        matmul_packed(context, &self.packed.combine_context, out, true);
        let parts = out.chunks_mut(rows_each(batch) * hidden).collect();
        parallel::each(parts, |part| TanhInPlace(part).run());
    }
}
