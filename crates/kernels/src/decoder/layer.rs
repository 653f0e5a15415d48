//! One layer's step on some rows of the batch, and what it keeps.

use std::ops::Range;

use rten_simd::SimdOp;

use super::attention::Multiply;
use super::{Inputs, Shape};
use crate::buffer::Buffer;
use crate::cell::{self, Cell};
use crate::matmul::{Matrix, Packed, multiply};
use crate::rows;

/// What a layer keeps for the backward pass.
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
}

impl SavedLayer {
    /// Zeros in the right sizes.
    pub fn new(cell: Cell, shape: Shape, dropout: bool) -> Self {
        let state = shape.batch * shape.hidden;
        let cells = if cell.has_cell_state() {
            (shape.time + 1) * state
        } else {
            0
        };
        Self {
            states: Buffer::new((shape.time + 1) * state),
            cells: Buffer::new(cells),
            kept: Buffer::new(shape.time * state * cell.kept()),
            dropped: Buffer::new(if dropout { shape.time * state } else { 0 }),
        }
    }

    /// Divides every list by batch rows.
    pub fn split(
        &mut self,
        cell: Cell,
        shape: Shape,
        ranges: &[Range<usize>],
    ) -> Vec<LayerPart<'_>> {
        let Shape { time, hidden, .. } = shape;
        let cell_width = if cell.has_cell_state() { hidden } else { 0 };
        let dropped_width = if self.dropped.is_empty() { 0 } else { hidden };
        rows::split(&mut self.states, time + 1, hidden, ranges)
            .into_iter()
            .zip(rows::split(&mut self.cells, time + 1, cell_width, ranges))
            .zip(rows::split(
                &mut self.kept,
                time,
                cell.kept() * hidden,
                ranges,
            ))
            .zip(rows::split(&mut self.dropped, time, dropped_width, ranges))
            .map(|(((states, cells), kept), dropped)| LayerPart {
                states,
                cells,
                kept,
                dropped,
            })
            .collect()
    }
}

/// Some rows of [`SavedLayer`]; lists are over time.
pub(super) struct LayerPart<'a> {
    pub states: Vec<&'a mut [f32]>,
    pub cells: Vec<&'a mut [f32]>,
    pub kept: Vec<&'a mut [f32]>,
    pub dropped: Vec<&'a mut [f32]>,
}

/// A layer's step forward on rows `rows`.
pub(super) struct Step<'a> {
    pub cell: Cell,
    pub shape: Shape,
    pub inputs: &'a Inputs<'a>,
    /// The layer's index.
    pub index: usize,
    /// Input weight, hidden weight.
    pub weights: &'a [Packed; 2],
    pub rows: &'a Range<usize>,
    pub time: usize,
    /// `[rows, H]`: the previous output or the layer below; empty for zeros.
    pub below: &'a [f32],
}

impl Step<'_> {
    /// Writes the state after the step; `scratch` holds two lists of `[rows, G*H]`.
    pub fn run(self, part: &mut LayerPart, scratch: &mut [f32]) {
        let hidden = self.shape.hidden;
        let cell_width = if self.cell.has_cell_state() {
            hidden
        } else {
            0
        };
        let kept_width = self.cell.kept() * hidden;
        let gates = self.cell.gates() * hidden;
        let count = self.rows.len();
        let layer = &self.inputs.layers[self.index];
        let first = (self.time * self.shape.batch + self.rows.start) * gates;
        let (recurrent, input) = scratch.split_at_mut(count * gates);
        let (before, after) = rows::pair(&mut part.states, self.time, self.time + 1);
        let (cells_before, cells_after) = rows::pair(&mut part.cells, self.time, self.time + 1);

        let mut below = self.below;
        if !layer.dropout.is_empty() {
            let start = (self.time * self.shape.batch + self.rows.start) * hidden;
            let dropped = &mut *part.dropped[self.time];
            dropped.copy_from_slice(below);
            Multiply {
                factors: &layer.dropout[start..start + count * hidden],
                values: dropped,
            }
            .dispatch();
            below = dropped;
        }
        multiply(
            Matrix::new(before, count, hidden),
            &self.weights[1],
            recurrent,
            false,
        );
        // The reset gate acts on the hidden product alone, so the input's product stays apart.
        let apart = self.cell.has_own_recurrent_gradient();
        if apart {
            if self.index == 0 {
                input.copy_from_slice(&self.inputs.projected[first..first + count * gates]);
            } else {
                input
                    .chunks_exact_mut(gates)
                    .for_each(|row| row.copy_from_slice(layer.bias));
            }
        }
        if !below.is_empty() {
            let target = if apart { &mut *input } else { &mut *recurrent };
            multiply(
                Matrix::new(below, count, hidden),
                &self.weights[0],
                target,
                true,
            );
        }
        for row in 0..count {
            let units = row * hidden..(row + 1) * hidden;
            let cell_units = row * cell_width..(row + 1) * cell_width;
            let projected = if apart {
                &input[row * gates..(row + 1) * gates]
            } else if self.index == 0 {
                &self.inputs.projected[first + row * gates..first + (row + 1) * gates]
            } else {
                layer.bias
            };
            self.cell.forward(cell::Forward {
                projected,
                recurrent: &recurrent[row * gates..(row + 1) * gates],
                hidden_bias: layer.hidden_bias,
                previous_hidden: &before[units.clone()],
                previous_cell: &cells_before[cell_units.clone()],
                kept: &mut part.kept[self.time][row * kept_width..(row + 1) * kept_width],
                cell: &mut cells_after[cell_units],
                hidden: &mut after[units],
            });
        }
    }
}
