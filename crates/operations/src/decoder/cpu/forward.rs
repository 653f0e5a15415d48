//! The walk over target time.

use super::inputs::Inputs;
use super::layer::{SavedLayer, Step};
use super::weights::Weights;
use crate::attention::cpu::steps::{self, Shape};
use crate::span::{repeat, rows_each, step};
use kernels::buffer::Buffer;
use kernels::elementwise::TanhInPlace;
use kernels::instruction_sets::Capped;
use kernels::matmul::{Matrix, matmul_packed};
use kernels::parallel;
use kernels::storage::copy;
use network::cell::Cell;

/// Values kept for the backward pass.
#[derive(Clone, Debug)]
pub struct Saved {
    pub(super) layers: Vec<SavedLayer>,
    pub(super) attention: steps::Saved,
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
        self.attention.weights()
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
        hidden,
        ..
    } = shape;
    parallel::inside(|| {
        let mut saved = Saved {
            layers: inputs
                .layers
                .iter()
                .map(|layer| SavedLayer::new(cell, shape, layer))
                .collect(),
            attention: steps::Saved::new(shape, &inputs.attention),
            outputs: Buffer::zeros((time + 1) * batch * hidden),
        };
        let walk = Walk {
            cell,
            shape,
            inputs,
            packed: Weights::new(cell, shape, inputs, false),
            attention: steps::Walk::new(shape, &inputs.attention),
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

struct Walk<'a> {
    cell: Cell,
    shape: Shape,
    inputs: &'a Inputs<'a>,
    packed: Weights,
    attention: steps::Walk<'a>,
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
                None if self.inputs.before => &saved.attention.contexts[step(time, batch, memory)],
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
        let Shape { batch, hidden, .. } = self.shape;
        let top = &saved.layers[self.inputs.layers.len() - 1];
        let now = step(time, batch, hidden);
        let state = match self.inputs.before {
            true => &top.states[now],
            false => &top.outputs(batch * hidden)[now],
        };
        self.attention.attend(time, state, &mut saved.attention);
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
        let context = &saved.attention.contexts[step(time, batch, memory)];
        let context = Matrix::new(context, batch, memory);
        matmul_packed(context, &self.packed.combine_context, out, true);
        let parts = out.chunks_mut(rows_each(batch) * hidden).collect();
        parallel::each(parts, |part| TanhInPlace(part).run());
    }
}
