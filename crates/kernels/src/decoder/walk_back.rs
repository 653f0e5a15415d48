//! The backward pass's walk over target time.

use rten_simd::SimdOp;

use super::attention::{AttendBackward, Multiply, SquashBackward};
use super::forward::{Saved, query_width, rows_each, sentence, step};
use super::weights::Weights;
use super::{Energy, Inputs, Shape};
use crate::buffer::Buffer;
use crate::cell::{self, Cell};
use crate::matmul::{Left, Matrix, matmul_left, matmul_packed};
use crate::memory::{list, zeros};
use crate::parallel;

/// A layer's gradients over the walk.
pub(super) struct LayerBuffers {
    /// `[T, B, G*H]`
    pub projected: Vec<f32>,
    /// `[T, B, G*H]`, GRU only.
    pub recurrent: Buffer,
    /// `[B, H]`
    pub carried: Vec<f32>,
    /// `[B, H]`, LSTM only.
    pub carried_cell: Vec<f32>,
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
    pub query_width: usize,
    /// `[T, B, A]` for the additive energy, else empty.
    pub queries: Buffer,
    /// `[B, S, M]`
    pub memory: Vec<f32>,
    /// `[B, S, A]`
    pub keys: Vec<f32>,
    /// `[B, A]`: one sum a row, so that the order of summation does not depend on the threads.
    pub vectors: Vec<f32>,
    /// `[B, H]`: of the current layer's new state from within the step.
    state: Buffer,
    /// `[B, M]`
    context: Buffer,
    /// `[B, S]`
    energies: Buffer,
    /// `[B, H]`: of the previous output from this step's layer 0.
    feed: Buffer,
}

impl<'a> WalkBack<'a> {
    pub fn new(
        cell: Cell,
        shape: Shape,
        inputs: &'a Inputs<'a>,
        saved: &'a Saved,
        grad_outputs: &'a [f32],
    ) -> Self {
        let Shape {
            time,
            batch,
            source,
            hidden,
            memory,
            keys,
        } = shape;
        let gates = cell.gates() * hidden;
        let own_gates = if cell.has_own_recurrent_gradient() {
            gates
        } else {
            0
        };
        let cell_width = if cell.has_cell_state() { hidden } else { 0 };
        let query_width = query_width(shape, inputs);
        let layer = |_| LayerBuffers {
            projected: list(time * batch * gates),
            recurrent: Buffer::new(time * batch * own_gates),
            carried: zeros(batch * hidden),
            carried_cell: zeros(batch * cell_width),
        };
        Self {
            cell,
            shape,
            inputs,
            saved,
            grad_outputs,
            packed: Weights::new(cell, shape, inputs, true),
            layers: inputs.layers.iter().map(layer).collect(),
            combined: Buffer::new(time * batch * hidden),
            query_width,
            queries: Buffer::zeros(time * batch * query_width),
            memory: zeros(batch * source * memory),
            keys: zeros(batch * source * keys),
            vectors: zeros(batch * query_width),
            state: Buffer::new(batch * hidden),
            context: Buffer::new(batch * memory),
            energies: Buffer::new(batch * source),
            feed: Buffer::zeros(batch * hidden),
        }
    }

    pub fn step(&mut self, time: usize) {
        self.combine(time);
        self.attend(time);
        for index in (0..self.layers.len()).rev() {
            self.point(time, index);
            self.products(time, index);
        }
    }

    fn combine(&mut self, time: usize) {
        let Shape { batch, hidden, .. } = self.shape;
        let now = step(time, batch, hidden);
        let gradient = &mut self.combined[now.clone()];
        SquashBackward {
            upstream: &self.grad_outputs[now],
            carried: &self.feed,
            output: &self.saved.outputs[step(time + 1, batch, hidden)],
            gradient,
        }
        .dispatch();
        let [for_state, for_context] = [&self.packed.combine_state, &self.packed.combine_context];
        let gradient = Left::new(Matrix::new(gradient, batch, hidden), for_state);
        matmul_left(&gradient, for_state, &mut self.state, false);
        matmul_left(&gradient, for_context, &mut self.context, false);
    }

    fn attend(&mut self, time: usize) {
        let Shape {
            batch,
            source,
            hidden,
            memory,
            keys,
            ..
        } = self.shape;
        let additive = matches!(self.inputs.energy, Energy::Additive { .. });
        let queries = if additive {
            &self.saved.queries[step(time, batch, keys)]
        } else {
            &self.saved.layers[self.layers.len() - 1].states[step(time + 1, batch, hidden)]
        };
        let weights = &self.saved.weights[step(time, batch, source)];
        let (shape, inputs, context) = (self.shape, self.inputs, &self.context);
        let each = rows_each(batch);
        // The multiplicative energy's query is the state itself, and there is no vector.
        let (grad_queries, grad_vectors): (&mut [f32], &mut [f32]) = if additive {
            (
                &mut self.queries[step(time, batch, keys)],
                &mut self.vectors,
            )
        } else {
            (&mut self.state, &mut [])
        };
        let mut grad_vectors = grad_vectors.chunks_mut(each * keys);
        let parts = grad_queries
            .chunks_mut(each * keys)
            .zip(self.energies.chunks_mut((each * source).max(1)))
            .zip(self.keys.chunks_mut((each * source * keys).max(1)))
            .zip(self.memory.chunks_mut((each * source * memory).max(1)))
            .enumerate()
            .map(|part| (part, grad_vectors.next().unwrap_or_default()))
            .collect();
        parallel::each(
            parts,
            |((part, (((queries_, energies), keys_), memory_)), vectors)| {
                for (place, grad_query) in queries_.chunks_exact_mut(keys).enumerate() {
                    let row = part * each + place;
                    let length = inputs.lengths[row];
                    AttendBackward {
                        sentence: sentence(shape, inputs, row),
                        query: &queries[row * keys..(row + 1) * keys],
                        weights: &weights[row * source..][..length],
                        grad_context: &context[row * memory..(row + 1) * memory],
                        grad_energies: &mut energies[place * source..][..length],
                        grad_keys: &mut keys_[place * source * keys..][..length * keys],
                        grad_memory: &mut memory_[place * source * memory..][..length * memory],
                        grad_query,
                        grad_vector: vectors
                            .get_mut(place * keys..(place + 1) * keys)
                            .unwrap_or_default(),
                    }
                    .dispatch();
                }
            },
        );
        if let Some(weight) = &self.packed.query {
            let gradient = Matrix::new(&self.queries[step(time, batch, keys)], batch, keys);
            matmul_packed(gradient, weight, &mut self.state, true);
        }
    }

    /// The gradients before the products, from that of the layer's new state in `self.state`.
    fn point(&mut self, time: usize, index: usize) {
        let Shape { batch, hidden, .. } = self.shape;
        let cell = self.cell;
        let gates = cell.gates() * hidden;
        let kept_width = cell.kept() * hidden;
        let saved = &self.saved.layers[index];
        let layer = &mut self.layers[index];
        let cell_width = layer.carried_cell.len() / batch;
        let own_gates = layer.recurrent.len() / (self.shape.time * batch);
        let each = rows_each(batch);
        let at = |time: usize, row: usize, width: usize| {
            let first = (time * batch + row) * width;
            first..first + width
        };
        let state = &self.state;
        let mut recurrent =
            layer.recurrent[step(time, batch, own_gates)].chunks_mut((each * own_gates).max(1));
        let mut cells = layer.carried_cell.chunks_mut((each * cell_width).max(1));
        let parts = layer.projected[step(time, batch, gates)]
            .chunks_mut(each * gates)
            .zip(layer.carried.chunks_mut(each * hidden))
            .enumerate()
            .map(|part| {
                let recurrent = recurrent.next().unwrap_or_default();
                (part, recurrent, cells.next().unwrap_or_default())
            })
            .collect();
        parallel::each(parts, |((part, (projected, carried)), recurrent, cells)| {
            for (place, grad_projected) in projected.chunks_exact_mut(gates).enumerate() {
                let row = part * each + place;
                let here = |width: usize| place * width..(place + 1) * width;
                cell.backward(cell::Backward {
                    kept: &saved.kept[at(time, row, kept_width)],
                    previous_hidden: &saved.states[at(time, row, hidden)],
                    hidden: &saved.states[at(time + 1, row, hidden)],
                    previous_cell: &saved.cells[at(time, row, cell_width)],
                    cell: &saved.cells[at(time + 1, row, cell_width)],
                    grad_output: &state[row * hidden..(row + 1) * hidden],
                    carried: &mut carried[here(hidden)],
                    carried_cell: &mut cells[here(cell_width)],
                    grad_projected,
                    grad_recurrent: &mut recurrent[here(own_gates)],
                });
            }
        });
    }

    /// Leaves the gradient of the layer below in `self.state`, or that of the previous output in `self.feed`.
    fn products(&mut self, time: usize, index: usize) {
        let Shape { batch, hidden, .. } = self.shape;
        let now = step(time, batch, self.cell.gates() * hidden);
        let layer = &mut self.layers[index];
        let [input_weight, hidden_weight] = &self.packed.layers[index];
        let pack = |values, right| Left::new(Matrix::new(values, batch, now.len() / batch), right);
        let gradient = pack(&layer.projected[now.clone()], input_weight);
        match layer.recurrent.is_empty() {
            true => matmul_left(&gradient, hidden_weight, &mut layer.carried, true),
            false => {
                let own = pack(&layer.recurrent[now.clone()], hidden_weight);
                matmul_left(&own, hidden_weight, &mut layer.carried, true);
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
                .dispatch();
            }
        } else if time > 0 {
            matmul_left(&gradient, input_weight, &mut self.feed, false);
        }
    }
}
