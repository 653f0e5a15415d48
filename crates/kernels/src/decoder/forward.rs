//! The walk over target time.

use std::ops::Range;

use rayon::prelude::*;
use rten_simd::SimdOp;

use super::attention::{Attend, Compare, Sentence, Squash};
use super::layer::{LayerPart, SavedLayer, Step};
use super::weights::Weights;
use super::{Energy, Inputs, Shape};
use crate::buffer::Buffer;
use crate::cell::Cell;
use crate::matmul::{Matrix, multiply};
use crate::rows;

/// What the backward pass needs.
#[derive(Clone, Debug)]
pub struct Saved {
    pub(super) layers: Vec<SavedLayer>,
    /// `[T, B, A]`: queries with their bias; empty for multiplicative energies, whose query is the state.
    pub(super) queries: Buffer,
    /// `[T, B, M]`
    pub(super) contexts: Buffer,
    /// `[T, B, S]`
    pub(super) weights: Vec<f32>,
    /// `[T + 1, B, H]`: the outputs, after a step of zeros.
    pub(super) outputs: Buffer,
}

/// What the decoder computes.
#[derive(Clone, Debug)]
pub struct Forward {
    /// `f_t`, `[T, B, H]`.
    pub outputs: Vec<f32>,
    /// Attention weights, `[T, B, S]`, zero at padded source positions.
    pub weights: Vec<f32>,
    /// What the backward pass needs.
    pub saved: Saved,
}

/// Runs the decoder.
///
/// # Panics
/// When a slice has another length than its documented shape.
pub fn forward(cell: Cell, shape: Shape, inputs: &Inputs) -> Forward {
    inputs.check(cell, shape);
    let Shape {
        time,
        batch,
        source,
        hidden,
        memory,
        ..
    } = shape;
    let query_width = query_width(shape, inputs);
    let packed = Weights::new(cell, shape, inputs, false);
    let mut layers: Vec<_> = inputs
        .layers
        .iter()
        .map(|layer| SavedLayer::new(cell, shape, !layer.dropout.is_empty()))
        .collect();
    let mut queries = Buffer::new(time * batch * query_width);
    let mut contexts = Buffer::new(time * batch * memory);
    let mut weights = vec![0.0; time * batch * source];
    let mut outputs = Buffer::zeros((time + 1) * batch * hidden);
    let ranges = rows::ranges(batch);
    let mut layer_parts: Vec<Vec<LayerPart>> = ranges.iter().map(|_| Vec::new()).collect();
    for layer in &mut layers {
        let split = layer.split(cell, shape, &ranges);
        layer_parts
            .iter_mut()
            .zip(split)
            .for_each(|(parts, part)| parts.push(part));
    }
    let parts = layer_parts
        .into_iter()
        .zip(rows::split(&mut queries, time, query_width, &ranges))
        .zip(rows::split(&mut contexts, time, memory, &ranges))
        .zip(rows::split(&mut weights, time, source, &ranges))
        .zip(rows::split(&mut outputs, time + 1, hidden, &ranges))
        .zip(&ranges)
        .map(
            |(((((layers, queries), contexts), weights), outputs), rows)| Part {
                cell,
                shape,
                inputs,
                packed: &packed,
                rows: rows.clone(),
                layers,
                queries,
                contexts,
                weights,
                outputs,
            },
        )
        .collect::<Vec<_>>();
    parts.into_par_iter().with_max_len(1).for_each(Part::run);
    Forward {
        outputs: outputs[batch * hidden..].to_vec(),
        weights: weights.clone(),
        saved: Saved {
            layers,
            queries,
            contexts,
            weights,
            outputs,
        },
    }
}

/// The width of a query that is not the state itself.
pub(super) fn query_width(shape: Shape, inputs: &Inputs) -> usize {
    match inputs.energy {
        Energy::Additive { .. } => shape.keys,
        Energy::Multiplicative { .. } => 0,
    }
}

/// What row `row` of the batch is compared with.
pub(super) fn sentence<'a>(shape: Shape, inputs: &Inputs<'a>, row: usize) -> Sentence<'a> {
    let length = inputs.lengths[row];
    let first = row * shape.source;
    Sentence {
        compare: match inputs.energy {
            Energy::Additive { vector, .. } => Compare::Additive(vector),
            Energy::Multiplicative { scale } => Compare::Multiplicative(scale),
        },
        keys: &inputs.keys[first * shape.keys..(first + length) * shape.keys],
        memory: &inputs.memory[first * shape.memory..(first + length) * shape.memory],
    }
}

/// Some rows of the batch; lists are over time.
struct Part<'a> {
    cell: Cell,
    shape: Shape,
    inputs: &'a Inputs<'a>,
    packed: &'a Weights,
    rows: Range<usize>,
    layers: Vec<LayerPart<'a>>,
    queries: Vec<&'a mut [f32]>,
    contexts: Vec<&'a mut [f32]>,
    weights: Vec<&'a mut [f32]>,
    outputs: Vec<&'a mut [f32]>,
}

impl Part<'_> {
    fn run(mut self) {
        let gates = self.cell.gates() * self.shape.hidden;
        let mut scratch = vec![0.0; 2 * self.rows.len() * gates];
        let Range { start, end } = self.rows;
        for (part, layer) in self.layers.iter_mut().zip(&self.inputs.layers) {
            let hidden = self.shape.hidden;
            part.states[0].copy_from_slice(&layer.initial_hidden[start * hidden..end * hidden]);
            let width = part.cells[0].len() / self.rows.len();
            part.cells[0].copy_from_slice(&layer.initial_cell[start * width..end * width]);
        }
        for time in 0..self.shape.time {
            self.layers(time, &mut scratch);
            self.attend(time);
            self.combine(time);
        }
    }

    fn layers(&mut self, time: usize, scratch: &mut [f32]) {
        for index in 0..self.layers.len() {
            let (lower, upper) = self.layers.split_at_mut(index);
            let below: &[f32] = match lower.last() {
                Some(layer) => layer.states[time + 1],
                // The output before the first step is zero: its product is left out.
                None if time == 0 => &[],
                None => self.outputs[time],
            };
            Step {
                cell: self.cell,
                shape: self.shape,
                inputs: self.inputs,
                index,
                weights: &self.packed.layers[index],
                rows: &self.rows,
                time,
                below,
            }
            .run(&mut upper[0], scratch);
        }
    }

    fn attend(&mut self, time: usize) {
        let Shape {
            source,
            hidden,
            memory,
            keys,
            ..
        } = self.shape;
        let top = self.layers.len() - 1;
        let state: &[f32] = self.layers[top].states[time + 1];
        let mut queries = state;
        if let (Energy::Additive { bias, .. }, Some(weight)) =
            (self.inputs.energy, &self.packed.query)
        {
            let out = &mut *self.queries[time];
            out.chunks_exact_mut(keys)
                .for_each(|row| row.copy_from_slice(bias));
            multiply(
                Matrix::new(state, self.rows.len(), hidden),
                weight,
                out,
                true,
            );
            queries = out;
        }
        for (row, index) in self.rows.clone().enumerate() {
            let length = self.inputs.lengths[index];
            Attend {
                sentence: sentence(self.shape, self.inputs, index),
                query: &queries[row * keys..(row + 1) * keys],
                weights: &mut self.weights[time][row * source..][..length],
                context: &mut self.contexts[time][row * memory..(row + 1) * memory],
            }
            .dispatch();
        }
    }

    fn combine(&mut self, time: usize) {
        let Shape { hidden, memory, .. } = self.shape;
        let count = self.rows.len();
        let out = &mut *self.outputs[time + 1];
        out.chunks_exact_mut(hidden)
            .for_each(|row| row.copy_from_slice(self.inputs.combine_bias));
        let state = &self.layers[self.layers.len() - 1].states[time + 1];
        multiply(
            Matrix::new(state, count, hidden),
            &self.packed.combine_state,
            out,
            true,
        );
        let context = Matrix::new(self.contexts[time], count, memory);
        multiply(context, &self.packed.combine_context, out, true);
        Squash(out).dispatch();
    }
}
