//! The backward pass's walk over target time.

use super::forward::Saved;
use super::inputs::{Inputs, Layer};
use super::weights::Weights;
use crate::attention::cpu::steps::{self, Shape};
use crate::cell::cpu::{Carried, Pointwise, StepBackward};
use crate::layer_norm::cpu::NormaliseBackward;
use crate::span::{rows_each, step};
use kernels::buffer::Buffer;
use kernels::elementwise::{Multiply, TanhBackward};
use kernels::instruction_sets::Capped;
use kernels::matmul::{Left, Matrix, matmul_left};
use kernels::parallel;
use kernels::storage::{list, zeros};
use network::cell::Cell;

/// A layer's gradients over the walk.
pub(super) struct LayerBuffers {
    /// `[T, B, G*H]`
    pub projected: Vec<f32>,
    /// `[T, B, G*H]`, GRU only.
    pub recurrent: Buffer,
    /// Between steps.
    pub carried: Carried,
    /// `[B, H]`, one sum a row; empty without a norm.
    pub gain: Vec<f32>,
    /// As `gain`.
    pub norm_bias: Vec<f32>,
}

/// Gradients on the way from the last step to the first.
pub(super) struct WalkBack<'a> {
    pub cell: Cell,
    shape: Shape,
    inputs: &'a Inputs<'a>,
    saved: &'a Saved,
    grad_outputs: &'a [f32],
    /// Transposed.
    packed: Weights,
    pub layers: Vec<LayerBuffers>,
    /// `[T, B, H]`: before the combination's tangent.
    pub combined: Buffer,
    pub attention: steps::WalkBack<'a>,
    /// `[B, H]`: of the current layer's new state from within the step.
    state: Buffer,
    /// `[B, M]`
    context: Buffer,
    /// `[B, H]`: of what a layer adds to its state; empty where none does.
    passed: Buffer,
    /// `[B, H]`: of the previous output from this step's layer 0.
    feed: Buffer,
}

impl<'a> WalkBack<'a> {
    pub fn new(
        cell: Cell,
        shape: Shape,
        inputs: &'a Inputs<'a>,
        saved: &'a Saved,
        [grad_outputs, grad_weights]: [&'a [f32]; 2],
    ) -> Self {
        let Shape {
            time,
            batch,
            hidden,
            memory,
            ..
        } = shape;
        let gates = cell.gates() * hidden;
        let own_gates = if cell.has_own_recurrent_gradient() {
            gates
        } else {
            0
        };
        let layer = |layer: &Layer| LayerBuffers {
            projected: list(time * batch * gates),
            recurrent: Buffer::new(time * batch * own_gates),
            carried: Carried::zeros(&layer.gates(cell), batch, hidden),
            gain: zeros(batch * layer.norm.map_or(0, |norm| norm.gain.len())),
            norm_bias: zeros(batch * layer.norm.map_or(0, |norm| norm.bias.len())),
        };
        let passes = inputs.layers.iter().any(|layer| layer.residual);
        Self {
            cell,
            shape,
            inputs,
            saved,
            grad_outputs,
            packed: Weights::new(cell, shape, inputs, true),
            layers: inputs.layers.iter().map(layer).collect(),
            combined: Buffer::new(time * batch * hidden),
            attention: steps::WalkBack::new(
                shape,
                &inputs.attention,
                &saved.attention,
                grad_weights,
            ),
            state: Buffer::new(batch * hidden),
            context: Buffer::new(batch * memory),
            passed: Buffer::new(if passes { batch * hidden } else { 0 }),
            feed: Buffer::zeros(batch * hidden),
        }
    }

    pub fn step(&mut self, time: usize) {
        self.combine(time);
        if !self.inputs.before {
            self.attend(time);
        }
        for index in (0..self.layers.len()).rev() {
            self.finish(time, index);
            self.point(time, index);
            self.products(time, index);
        }
        if self.inputs.before {
            self.attend(time);
        }
    }

    /// Adds the gradient of the state that asked to `self.state`, or, where that is the state before the step, to
    /// what the top layer carries.
    fn attend(&mut self, time: usize) {
        let Shape { batch, hidden, .. } = self.shape;
        let top = self.layers.len() - 1;
        let now = step(time, batch, hidden);
        let saved = &self.saved.layers[top];
        let (state, gradient) = match self.inputs.before {
            true => (&saved.states[now], &mut self.layers[top].carried.hidden[..]),
            false => (&saved.outputs(batch * hidden)[now], &mut self.state[..]),
        };
        self.attention.attend(time, state, &self.context, gradient);
    }

    fn combine(&mut self, time: usize) {
        let Shape { batch, hidden, .. } = self.shape;
        let now = step(time, batch, hidden);
        let gradient = &mut self.combined[now.clone()];
        TanhBackward {
            upstream: &self.grad_outputs[now],
            carried: &self.feed,
            output: &self.saved.outputs[step(time + 1, batch, hidden)],
            gradient,
        }
        .run();
        let [for_state, for_context] = [&self.packed.combine_state, &self.packed.combine_context];
        let gradient = Left::new(Matrix::new(gradient, batch, hidden), for_state);
        matmul_left(&gradient, for_state, &mut self.state, false);
        matmul_left(&gradient, for_context, &mut self.context, false);
    }

    /// The gradient of the layer's new state, from that of what it gives, in `self.state`.
    fn finish(&mut self, time: usize, index: usize) {
        let Shape { batch, hidden, .. } = self.shape;
        let (layer, saved) = (&self.inputs.layers[index], &self.saved.layers[index]);
        if let Some(norm) = layer.norm {
            let buffers = &mut self.layers[index];
            let each = rows_each(batch) * hidden;
            let parts = self
                .state
                .chunks_mut(each)
                .zip(saved.normal[step(time, batch, hidden)].chunks(each))
                .zip(saved.scales[step(time, batch, 1)].chunks(each / hidden))
                .zip(buffers.gain.chunks_mut(each))
                .zip(buffers.norm_bias.chunks_mut(each))
                .collect();
            parallel::each(
                parts,
                |((((gradients, normals), scales), gains), biases)| {
                    let rows = gradients
                        .chunks_exact_mut(hidden)
                        .zip(normals.chunks_exact(hidden))
                        .zip(scales)
                        .zip(gains.chunks_exact_mut(hidden))
                        .zip(biases.chunks_exact_mut(hidden));
                    for ((((gradient, normal), &scale), grad_gain), grad_bias) in rows {
                        NormaliseBackward {
                            norm,
                            normal,
                            scale,
                            gradient,
                            grad_gain,
                            grad_bias,
                        }
                        .run();
                    }
                },
            );
        }
        if layer.residual {
            self.passed.copy_from_slice(&self.state);
        }
    }

    /// The gradients before the products, from that of the layer's new state in `self.state`.
    fn point(&mut self, time: usize, index: usize) {
        let Shape { batch, hidden, .. } = self.shape;
        let gates = self.inputs.layers[index].gates(self.cell);
        let saved = &self.saved.layers[index];
        let layer = &mut self.layers[index];
        let (states, cells) = (hidden, gates.cell_width(hidden));
        StepBackward {
            gates,
            kept: &saved.kept[step(time, batch, gates.kept(hidden))],
            before: &saved.states[step(time, batch, states)],
            after: &saved.states[step(time + 1, batch, states)],
            cells_before: &saved.cells[step(time, batch, cells)],
            cells_after: &saved.cells[step(time + 1, batch, cells)],
            gradient: &self.state,
            carried: &mut layer.carried,
            projected: &mut layer.projected[step(time, batch, gates.width(hidden))],
            recurrent: &mut layer.recurrent[step(time, batch, gates.own_width(hidden))],
        }
        .run(hidden);
    }

    /// Leaves the gradient of the layer below in `self.state`, or that of the previous output in `self.feed`; adds
    /// that of a context that was fed to `self.context`.
    fn products(&mut self, time: usize, index: usize) {
        let Shape { batch, hidden, .. } = self.shape;
        let now = step(time, batch, self.cell.gates() * hidden);
        let layer = &mut self.layers[index];
        let [input_weight, hidden_weight] = &self.packed.layers[index];
        let pack = |values, right| Left::new(Matrix::new(values, batch, now.len() / batch), right);
        let gradient = pack(&layer.projected[now.clone()], input_weight);
        match layer.recurrent.is_empty() {
            true => matmul_left(&gradient, hidden_weight, &mut layer.carried.hidden, true),
            false => {
                let own = pack(&layer.recurrent[now.clone()], hidden_weight);
                matmul_left(&own, hidden_weight, &mut layer.carried.hidden, true);
            }
        }
        if index > 0 {
            matmul_left(&gradient, input_weight, &mut self.state, false);
            let dropout = self.inputs.layers[index].dropout;
            if !dropout.is_empty() {
                Multiply {
                    factors: &dropout[step(time, batch, hidden)],
                    values: &mut self.state,
                }
                .run();
            }
            if self.inputs.layers[index].residual {
                for (sum, passed) in self.state.iter_mut().zip(&self.passed[..]) {
                    *sum += passed;
                }
            }
        } else if self.inputs.before {
            matmul_left(&gradient, input_weight, &mut self.context, true);
        } else if time > 0 {
            matmul_left(&gradient, input_weight, &mut self.feed, false);
        }
    }
}
