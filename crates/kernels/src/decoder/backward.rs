//! The walk back over target time, then each weight's gradient as one product over all steps.

use std::ops::Range;

use rayon::prelude::*;
use rten_simd::SimdOp;

use super::attention::{AttendBackward, Multiply, SquashBackward};
use super::forward::{Saved, query_width, sentence};
use super::weights::Weights;
use super::{Energy, Inputs, Shape};
use crate::cell::{self, Cell};
use crate::lanes::column_sums;
use crate::matmul::{Matrix, Packed, matmul, matmul_packed, multiply};
use crate::rows;

/// Gradients of a layer's parameters, in their shapes.
#[derive(Clone, Debug)]
pub struct LayerGradients {
    /// `[H, G*H]`
    pub input_weight: Vec<f32>,
    /// `[G*H]`; empty for layer 0.
    pub bias: Vec<f32>,
    /// `[H, G*H]`
    pub hidden_weight: Vec<f32>,
    /// `[H]` for the GRU, else empty.
    pub hidden_bias: Vec<f32>,
    /// `[B, H]`
    pub initial_hidden: Vec<f32>,
    /// `[B, H]` for the LSTM, else empty.
    pub initial_cell: Vec<f32>,
}

/// Gradients of the decoder's inputs, in their shapes.
#[derive(Clone, Debug)]
pub struct Gradients {
    /// `[T, B, G*H]`
    pub projected: Vec<f32>,
    /// From the lowest to the highest.
    pub layers: Vec<LayerGradients>,
    /// `[B, S, M]`, zero at padded source positions.
    pub memory: Vec<f32>,
    /// `[B, S, A]`, zero at padded source positions.
    pub keys: Vec<f32>,
    /// `[H, A]` for the additive energy, else empty.
    pub query_weight: Vec<f32>,
    /// `[A]` for the additive energy, else empty.
    pub bias: Vec<f32>,
    /// `[A]` for the additive energy, else empty.
    pub vector: Vec<f32>,
    /// `[H + M, H]`
    pub combine_weight: Vec<f32>,
    /// `[H]`
    pub combine_bias: Vec<f32>,
}

/// A layer's gradients over the walk.
struct LayerBuffers {
    /// `[T, B, G*H]`
    projected: Vec<f32>,
    /// `[T, B, G*H]`, GRU only.
    recurrent: Vec<f32>,
    /// `[B, H]`
    carried: Vec<f32>,
    /// `[B, H]`, LSTM only.
    carried_cell: Vec<f32>,
}

/// Some rows of [`LayerBuffers`]; lists are over time.
struct LayerPart<'a> {
    projected: Vec<&'a mut [f32]>,
    recurrent: Vec<&'a mut [f32]>,
    carried: &'a mut [f32],
    carried_cell: &'a mut [f32],
}

/// The gradients of [`super::forward`]'s inputs from `grad_outputs`, `[T, B, H]`.
///
/// # Panics
/// When a slice has another length than its documented shape.
pub fn backward(
    cell: Cell,
    shape: Shape,
    inputs: &Inputs,
    saved: &Saved,
    grad_outputs: &[f32],
) -> Gradients {
    inputs.check(cell, shape);
    let Shape { time, batch, source, hidden, memory, keys } = shape;
    assert_eq!(grad_outputs.len(), time * batch * hidden, "grad_outputs is [T, B, H]");
    let gates = cell.gates() * hidden;
    let own_gates = if cell.has_own_recurrent_gradient() { gates } else { 0 };
    let cell_width = if cell.has_cell_state() { hidden } else { 0 };
    let query_width = query_width(shape, inputs);
    let packed = Weights::new(cell, shape, inputs, true);
    let mut layers: Vec<LayerBuffers> = inputs
        .layers
        .iter()
        .map(|_| LayerBuffers {
            projected: vec![0.0; time * batch * gates],
            recurrent: vec![0.0; time * batch * own_gates],
            carried: vec![0.0; batch * hidden],
            carried_cell: vec![0.0; batch * cell_width],
        })
        .collect();
    let mut combined = vec![0.0; time * batch * hidden];
    let mut queries = vec![0.0; time * batch * query_width];
    let mut grad_memory = vec![0.0; batch * source * memory];
    let mut grad_keys = vec![0.0; batch * source * keys];
    let mut vectors = vec![0.0; batch * query_width];
    let ranges = rows::ranges(batch);
    let one_step = |parts: Vec<Vec<_>>| parts.into_iter().flatten();
    let mut layer_parts: Vec<Vec<LayerPart>> = ranges.iter().map(|_| Vec::new()).collect();
    for layer in &mut layers {
        let split = rows::split(&mut layer.projected, time, gates, &ranges)
            .into_iter()
            .zip(rows::split(&mut layer.recurrent, time, own_gates, &ranges))
            .zip(rows::split(&mut layer.carried, 1, hidden, &ranges).into_iter().flatten())
            .zip(rows::split(&mut layer.carried_cell, 1, cell_width, &ranges).into_iter().flatten());
        for (parts, (((projected, recurrent), carried), carried_cell)) in
            layer_parts.iter_mut().zip(split)
        {
            parts.push(LayerPart { projected, recurrent, carried, carried_cell });
        }
    }
    let parts = layer_parts
        .into_iter()
        .zip(rows::split(&mut combined, time, hidden, &ranges))
        .zip(rows::split(&mut queries, time, query_width, &ranges))
        .zip(one_step(rows::split(&mut grad_memory, 1, source * memory, &ranges)))
        .zip(one_step(rows::split(&mut grad_keys, 1, source * keys, &ranges)))
        .zip(one_step(rows::split(&mut vectors, 1, query_width, &ranges)))
        .zip(&ranges)
        .map(|((((((layers, combined), queries), memory), keys), vectors), rows)| Part {
            cell,
            shape,
            inputs,
            saved,
            grad_outputs,
            packed: &packed,
            rows: rows.clone(),
            layers,
            combined,
            queries,
            memory,
            keys,
            vectors,
            state: vec![0.0; rows.len() * hidden],
            feed: vec![0.0; rows.len() * hidden],
        })
        .collect::<Vec<_>>();
    parts.into_par_iter().with_max_len(1).for_each(Part::run);

    let steps = time * batch;
    let after = batch * hidden;
    let top = &saved.layers[saved.layers.len() - 1].states[after..];
    let top = Matrix::new(top, steps, hidden).transposed();
    let mut combine_weight = vec![0.0; (hidden + memory) * hidden];
    let (for_state, for_context) = combine_weight.split_at_mut(hidden * hidden);
    let packed_combined = Packed::new(Matrix::new(&combined, steps, hidden));
    matmul_packed(top, &packed_combined, for_state, false);
    let contexts = Matrix::new(&saved.contexts, steps, memory).transposed();
    matmul_packed(contexts, &packed_combined, for_context, false);
    let mut query_weight = vec![0.0; hidden * query_width];
    matmul(top, Matrix::new(&queries, steps, query_width), &mut query_weight, false);

    let mut layer_gradients = Vec::with_capacity(layers.len());
    let mut projected = Vec::new();
    for (index, buffers) in layers.into_iter().enumerate() {
        let below = match index.checked_sub(1) {
            None => &saved.outputs[..steps * hidden],
            Some(_) if !saved.layers[index].dropped.is_empty() => &saved.layers[index].dropped,
            Some(lower) => &saved.layers[lower].states[after..],
        };
        let before = &saved.layers[index].states[..steps * hidden];
        let gradient = Packed::new(Matrix::new(&buffers.projected, steps, gates));
        let mut input_weight = vec![0.0; hidden * gates];
        let below = Matrix::new(below, steps, hidden).transposed();
        matmul_packed(below, &gradient, &mut input_weight, false);
        let mut hidden_weight = vec![0.0; hidden * gates];
        let before = Matrix::new(before, steps, hidden).transposed();
        if own_gates > 0 {
            let recurrent = Matrix::new(&buffers.recurrent, steps, gates);
            matmul(before, recurrent, &mut hidden_weight, false);
        } else {
            matmul_packed(before, &gradient, &mut hidden_weight, false);
        }
        layer_gradients.push(LayerGradients {
            input_weight,
            bias: column_sums(&buffers.projected, if index == 0 { 0 } else { gates }),
            hidden_weight,
            hidden_bias: column_sums(&buffers.recurrent, own_gates).split_off(own_gates / 3 * 2),
            initial_hidden: buffers.carried,
            initial_cell: buffers.carried_cell,
        });
        if index == 0 {
            projected = buffers.projected;
        }
    }
    Gradients {
        projected,
        layers: layer_gradients,
        memory: grad_memory,
        keys: grad_keys,
        query_weight,
        bias: column_sums(&queries, query_width),
        vector: column_sums(&vectors, query_width),
        combine_weight,
        combine_bias: column_sums(&combined, hidden),
    }
}

/// Some rows of the batch; lists are over time.
struct Part<'a> {
    cell: Cell,
    shape: Shape,
    inputs: &'a Inputs<'a>,
    saved: &'a Saved,
    grad_outputs: &'a [f32],
    /// Transposed.
    packed: &'a Weights,
    rows: Range<usize>,
    layers: Vec<LayerPart<'a>>,
    /// Gradients before the combination's tangent.
    combined: Vec<&'a mut [f32]>,
    queries: Vec<&'a mut [f32]>,
    memory: &'a mut [f32],
    keys: &'a mut [f32],
    /// `[rows, A]`: one sum a row, so that the order of summation does not depend on the threads.
    vectors: &'a mut [f32],
    /// `[rows, H]`: the gradient of the current layer's new state from within the step.
    state: Vec<f32>,
    /// `[rows, H]`: the gradient of the previous output from this step's layer 0.
    feed: Vec<f32>,
}

impl Part<'_> {
    fn run(mut self) {
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
        let Shape { source, hidden, memory, keys, .. } = self.shape;
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
                (&mut self.queries[time][units.clone()], &mut self.vectors[units.clone()])
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
        let cell_width = if self.cell.has_cell_state() { hidden } else { 0 };
        let gates = self.cell.gates() * hidden;
        let own_gates = if self.cell.has_own_recurrent_gradient() { gates } else { 0 };
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
        let products: &[f32] = if own_gates > 0 { part.recurrent[time] } else { part.projected[time] };
        multiply(Matrix::new(products, count, gates), hidden_weight, part.carried, true);
        let gradient = Matrix::new(part.projected[time], count, gates);
        if index > 0 {
            multiply(gradient, input_weight, &mut self.state, false);
            let dropout = self.inputs.layers[index].dropout;
            if !dropout.is_empty() {
                Multiply { factors: &dropout[masks], values: &mut self.state }.dispatch();
            }
        } else if time > 0 {
            multiply(gradient, input_weight, &mut self.feed, false);
        }
    }
}
