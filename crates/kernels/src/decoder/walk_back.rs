//! The backward pass's walk over target time, for some rows of the batch.

use std::ops::Range;

use rten_simd::SimdOp;

use super::attention::{AttendBackward, Multiply, SquashBackward};
use super::forward::{Saved, sentence};
use super::weights::Weights;
use super::{Energy, Inputs, Shape};
use crate::cell::{self, Cell};
use crate::matmul::{Matrix, multiply};

/// A layer's gradients at some rows of the batch; lists are over time.
pub(super) struct LayerPart<'a> {
    pub projected: Vec<&'a mut [f32]>,
    pub recurrent: Vec<&'a mut [f32]>,
    pub carried: &'a mut [f32],
    pub carried_cell: &'a mut [f32],
}

/// Some rows of the batch; lists are over time.
pub(super) struct Part<'a> {
    pub cell: Cell,
    pub shape: Shape,
    pub inputs: &'a Inputs<'a>,
    pub saved: &'a Saved,
    pub grad_outputs: &'a [f32],
    /// Transposed.
    pub packed: &'a Weights,
    pub rows: Range<usize>,
    pub layers: Vec<LayerPart<'a>>,
    /// Gradients before the combination's tangent.
    pub combined: Vec<&'a mut [f32]>,
    pub queries: Vec<&'a mut [f32]>,
    pub memory: &'a mut [f32],
    pub keys: &'a mut [f32],
    /// `[rows, A]`: one sum a row, so that the order of summation does not depend on the threads.
    pub vectors: &'a mut [f32],
    /// `[rows, H]`: the gradient of the current layer's new state from within the step.
    pub state: Vec<f32>,
    /// `[rows, H]`: the gradient of the previous output from this step's layer 0.
    pub feed: Vec<f32>,
}

impl Part<'_> {
    pub fn run(mut self) {
        let mut context = vec![0.0; self.rows.len() * self.shape.memory];
        let mut energies = vec![0.0; self.shape.source];
        for time in (0..self.shape.time).rev() {
            self.combine(time, &mut context);
            self.attend(time, &context, &mut energies);
            for index in (0..self.layers.len()).rev() {
                self.layer(time, index);
            }
        }
    }

    /// Where these rows lie at a time step of a list with `width` numbers a row.
    fn at(&self, time: usize, width: usize) -> Range<usize> {
        let first = (time * self.shape.batch + self.rows.start) * width;
        first..first + self.rows.len() * width
    }

    fn combine(&mut self, time: usize, context: &mut [f32]) {
        let hidden = self.shape.hidden;
        let (now, next) = (self.at(time, hidden), self.at(time + 1, hidden));
        SquashBackward {
            upstream: &self.grad_outputs[now],
            carried: &self.feed,
            output: &self.saved.outputs[next],
            gradient: self.combined[time],
        }
        .dispatch();
        let gradient = Matrix::new(self.combined[time], self.rows.len(), hidden);
        multiply(gradient, &self.packed.combine_state, &mut self.state, false);
        multiply(gradient, &self.packed.combine_context, context, false);
    }

    fn attend(&mut self, time: usize, context: &[f32], energies: &mut [f32]) {
        let Shape {
            source,
            hidden,
            memory,
            keys,
            ..
        } = self.shape;
        let additive = matches!(self.inputs.energy, Energy::Additive { .. });
        let (next, queries_now) = (self.at(time + 1, hidden), self.at(time, keys));
        let queries = if additive {
            &self.saved.queries[queries_now]
        } else {
            &self.saved.layers[self.layers.len() - 1].states[next]
        };
        let weights_now = self.at(time, source);
        for (row, index) in self.rows.clone().enumerate() {
            let length = self.inputs.lengths[index];
            let units = row * keys..(row + 1) * keys;
            let (grad_query, grad_vector): (&mut [f32], &mut [f32]) = if additive {
                (
                    &mut self.queries[time][units.clone()],
                    &mut self.vectors[units.clone()],
                )
            } else {
                (&mut self.state[units.clone()], &mut [])
            };
            AttendBackward {
                sentence: sentence(self.shape, self.inputs, index),
                query: &queries[units],
                weights: &self.saved.weights[weights_now.start + row * source..][..length],
                grad_context: &context[row * memory..(row + 1) * memory],
                grad_energies: &mut energies[..length],
                grad_keys: &mut self.keys[row * source * keys..][..length * keys],
                grad_memory: &mut self.memory[row * source * memory..][..length * memory],
                grad_query,
                grad_vector,
            }
            .dispatch();
        }
        if let Some(weight) = &self.packed.query {
            let gradient = Matrix::new(self.queries[time], self.rows.len(), keys);
            multiply(gradient, weight, &mut self.state, true);
        }
    }

    /// Reads the gradient of the layer's new state from `self.state` and leaves there that of the layer
    /// below, or in `self.feed` that of the previous output.
    fn layer(&mut self, time: usize, index: usize) {
        let Shape { batch, hidden, .. } = self.shape;
        let cell_width = if self.cell.has_cell_state() {
            hidden
        } else {
            0
        };
        let gates = self.cell.gates() * hidden;
        let own_gates = if self.cell.has_own_recurrent_gradient() {
            gates
        } else {
            0
        };
        let kept_width = self.cell.kept() * hidden;
        let saved = &self.saved.layers[index];
        let masks = self.at(time, hidden);
        let part = &mut self.layers[index];
        let count = self.rows.len();
        for row in 0..count {
            let at = |time: usize, width: usize| {
                let first = (time * batch + self.rows.start + row) * width;
                first..first + width
            };
            let units = row * hidden..(row + 1) * hidden;
            self.cell.backward(cell::Backward {
                kept: &saved.kept[at(time, kept_width)],
                previous_hidden: &saved.states[at(time, hidden)],
                hidden: &saved.states[at(time + 1, hidden)],
                previous_cell: &saved.cells[at(time, cell_width)],
                cell: &saved.cells[at(time + 1, cell_width)],
                grad_output: &self.state[units.clone()],
                carried: &mut part.carried[units],
                carried_cell: &mut part.carried_cell[row * cell_width..(row + 1) * cell_width],
                grad_projected: &mut part.projected[time][row * gates..(row + 1) * gates],
                grad_recurrent: &mut part.recurrent[time][row * own_gates..(row + 1) * own_gates],
            });
        }
        let [input_weight, hidden_weight] = &self.packed.layers[index];
        let products: &[f32] = if own_gates > 0 {
            part.recurrent[time]
        } else {
            part.projected[time]
        };
        multiply(
            Matrix::new(products, count, gates),
            hidden_weight,
            part.carried,
            true,
        );
        let gradient = Matrix::new(part.projected[time], count, gates);
        if index > 0 {
            multiply(gradient, input_weight, &mut self.state, false);
            let dropout = self.inputs.layers[index].dropout;
            if !dropout.is_empty() {
                Multiply {
                    factors: &dropout[masks],
                    values: &mut self.state,
                }
                .dispatch();
            }
        } else if time > 0 {
            multiply(gradient, input_weight, &mut self.feed, false);
        }
    }
}
