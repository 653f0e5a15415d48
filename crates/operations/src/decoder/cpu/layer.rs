//! One layer's step, and what it keeps.

use super::inputs::{Inputs, Layer};
use crate::attention::cpu::steps::Shape;
use crate::cell::cpu::{Pointwise, StepForward};
use crate::layer_norm::cpu::Normalise;
use crate::span::{repeat, rows_each, step};
use kernels::buffer::Buffer;
use kernels::elementwise::Multiply;
use kernels::instruction_sets::Capped;
use kernels::matmul::{Matrix, Packed, matmul_packed};
use kernels::parallel;
use network::cell::Cell;

/// Values that a layer keeps for the backward pass.
#[derive(Clone, Debug)]
pub(super) struct SavedLayer {
    /// `[T + 1, B, H]`: the state between steps.
    pub states: Buffer,
    /// `[T + 1, B, H]`, LSTM only.
    pub cells: Buffer,
    /// `[T, B, kept*H]`
    pub kept: Buffer,
    /// `[T, B, H]`: the layer's input after dropout; empty without dropout.
    pub dropped: Buffer,
    /// `[T, B, H]`: what the layer gives; empty where that is its states.
    pub finished: Buffer,
    /// `[T, B, H]`: before a norm's gain and bias; empty without one.
    pub normal: Buffer,
    /// `[T, B]`: what a norm multiplied by.
    pub scales: Vec<f32>,
}

impl SavedLayer {
    /// Room for every step, with the state before the first.
    pub fn new(cell: Cell, shape: Shape, layer: &Layer) -> Self {
        let state = shape.batch * shape.hidden;
        let dropped = layer.dropout.len();
        let mut states = Buffer::new((shape.time + 1) * state);
        states[..state].copy_from_slice(layer.initial_hidden);
        let before = layer.initial_cell;
        let mut cells = Buffer::new((shape.time + 1) * before.len());
        cells[..before.len()].copy_from_slice(before);
        Self {
            states,
            cells,
            kept: Buffer::new(shape.time * shape.batch * layer.gates(cell).kept(shape.hidden)),
            dropped: Buffer::new(dropped),
            finished: Buffer::new(if layer.is_plain() {
                0
            } else {
                shape.time * state
            }),
            normal: Buffer::new(if layer.norm.is_some() {
                shape.time * state
            } else {
                0
            }),
            scales: vec![
                0.0;
                if layer.norm.is_some() {
                    shape.time * shape.batch
                } else {
                    0
                }
            ],
        }
    }

    /// Outputs of the layer at all steps, `[T, B, H]`; a step's state has `state` numbers.
    pub fn outputs(&self, state: usize) -> &[f32] {
        match self.finished.is_empty() {
            true => &self.states[state..],
            false => &self.finished,
        }
    }
}

/// A layer's step forward.
pub(super) struct Step<'a> {
    pub cell: Cell,
    pub shape: Shape,
    pub inputs: &'a Inputs<'a>,
    /// The layer's index.
    pub index: usize,
    /// Input weight, hidden weight.
    pub weights: &'a [Packed; 2],
    pub time: usize,
    /// `[B, H]`: the previous output or the layer below; empty for zeros. `[B, M]`: the context.
    pub below: &'a [f32],
}

impl Step<'_> {
    /// Writes the state after the step; `scratch` holds two lists of `[B, G*H]`.
    pub fn run(self, saved: &mut SavedLayer, scratch: &mut [f32]) {
        let Shape { batch, hidden, .. } = self.shape;
        let layer = &self.inputs.layers[self.index];
        let gates = self.cell.gates() * hidden;
        let (recurrent, input) = scratch.split_at_mut(batch * gates);
        let now = step(self.time, batch, hidden);
        let mut below = self.below;
        if !layer.dropout.is_empty() {
            let dropped = &mut saved.dropped[now.clone()];
            dropped.copy_from_slice(below);
            Multiply {
                factors: &layer.dropout[now.clone()],
                values: dropped,
            }
            .run();
            below = dropped;
        }
        let before = Matrix::new(&saved.states[now], batch, hidden);
        matmul_packed(before, &self.weights[1], recurrent, false);
        // The reset gate acts on the hidden product alone, so the input's product stays apart.
        let apart = self.cell.has_own_recurrent_gradient();
        let projected = self.inputs.projected;
        if apart {
            if self.index == 0 {
                input.copy_from_slice(&projected[step(self.time, batch, gates)]);
            } else {
                repeat(layer.bias, input);
            }
        }
        if !below.is_empty() {
            let target = if apart { &mut *input } else { &mut *recurrent };
            let below = Matrix::new(below, batch, below.len() / batch);
            matmul_packed(below, &self.weights[0], target, true);
        }
        let projected = if apart {
            &*input
        } else if self.index == 0 {
            &projected[step(self.time, batch, gates)]
        } else {
            layer.bias
        };
        self.point(saved, projected, recurrent, layer);
        if !layer.is_plain() {
            self.finish(layer, saved);
        }
    }

    /// Computes the layer's output from its new states and `self.below`.
    fn finish(&self, layer: &Layer, saved: &mut SavedLayer) {
        let Shape { batch, hidden, .. } = self.shape;
        let now = step(self.time, batch, hidden);
        let finished = &mut saved.finished[now.clone()];
        finished.copy_from_slice(&saved.states[step(self.time + 1, batch, hidden)]);
        if layer.residual {
            for (sum, below) in finished.iter_mut().zip(self.below) {
                *sum += below;
            }
        }
        let Some(norm) = layer.norm else {
            return;
        };
        let normal = &mut saved.normal[now];
        normal.copy_from_slice(finished);
        let each = rows_each(batch) * hidden;
        let parts = normal
            .chunks_mut(each)
            .zip(finished.chunks_mut(each))
            .zip(saved.scales[step(self.time, batch, 1)].chunks_mut(each / hidden))
            .collect();
        parallel::each(parts, |((normal, finished), scales)| {
            let rows = normal
                .chunks_exact_mut(hidden)
                .zip(finished.chunks_exact_mut(hidden));
            for ((values, output), scale) in rows.zip(scales) {
                *scale = Normalise {
                    norm,
                    values,
                    output,
                }
                .run();
            }
        });
    }

    /// Computes the new states from the products. `projected` is `[B, G*H]`, or `[G*H]` for all rows.
    fn point(&self, saved: &mut SavedLayer, projected: &[f32], recurrent: &[f32], layer: &Layer) {
        let Shape { batch, hidden, .. } = self.shape;
        let gates = layer.gates(self.cell);
        let states = saved.states.split_at_mut((self.time + 1) * batch * hidden);
        let cells = (self.time + 1) * batch * gates.cell_width(hidden);
        let cells = saved.cells.split_at_mut(cells);
        StepForward {
            gates,
            projected,
            recurrent,
            before: &states.0[self.time * batch * hidden..],
            cells_before: &cells.0[self.time * batch * gates.cell_width(hidden)..],
            kept: &mut saved.kept[step(self.time, batch, gates.kept(hidden))],
            after: &mut states.1[..batch * hidden],
            cells_after: &mut cells.1[..batch * gates.cell_width(hidden)],
        }
        .run(hidden);
    }
}
