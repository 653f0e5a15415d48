//! The walk back over time, then the weight's gradient as one product over all steps.

use std::ops::Range;

use rayon::prelude::*;

use super::{Inputs, Saved, Shape, active};
use crate::cell::cpu::{self as cell, Pointwise};
use kernels::buffer::Buffer;
use kernels::lanes::column_sums;
use kernels::matmul::{Matrix, Packed, matmul, multiply};
use kernels::rows;
use kernels::storage::{copy, list, zeros};
use network::cell::Cell;

/// Gradients of a layer's inputs, in their shapes.
#[derive(Clone, Debug)]
pub struct Gradients {
    /// `[T, B, G*H]`, zero at padded positions.
    pub projected: Vec<f32>,
    /// `[H, G*H]`
    pub hidden_weight: Vec<f32>,
    /// `[H]` for the GRU, else empty.
    pub hidden_bias: Vec<f32>,
    /// `[B, H]`
    pub initial_hidden: Vec<f32>,
    /// `[B, H]` for the LSTM, else empty.
    pub initial_cell: Vec<f32>,
}

/// The gradients of [`super::forward`]'s inputs from those of its outputs: `grad_hidden` is `[T, B, H]` (what it
/// says at padded positions is not read), `grad_final_hidden` and `grad_final_cell` are `[B, H]`. An empty
/// slice stands for zeros.
///
/// # Panics
/// When a slice has another length than its documented shape.
pub fn backward(
    cell: Cell,
    shape: Shape,
    inputs: &Inputs,
    saved: &Saved,
    grad_hidden: &[f32],
    grad_final_hidden: &[f32],
    grad_final_cell: &[f32],
) -> Gradients {
    inputs.check(cell, shape);
    let Shape {
        time,
        batch,
        hidden,
    } = shape;
    let size = batch * hidden;
    let cell_width = if cell.has_cell_state() { hidden } else { 0 };
    let gates = cell.gates() * hidden;
    let own_gates = if cell.has_own_recurrent_gradient() {
        gates
    } else {
        0
    };
    assert!(
        [0, time * size].contains(&grad_hidden.len()),
        "grad_hidden is [T, B, H]"
    );
    let or_zeros = |grad: &[f32], length: usize, name: &str| {
        assert!(
            grad.is_empty() || length == 0 || grad.len() == length,
            "{name} is [B, H]"
        );
        if grad.len() == length {
            copy(grad)
        } else {
            zeros(length)
        }
    };
    let mut carried = or_zeros(grad_final_hidden, size, "grad_final_hidden");
    let mut carried_cell = or_zeros(grad_final_cell, batch * cell_width, "grad_final_cell");
    let mut projected = list(time * batch * gates);
    let mut recurrent = Buffer::new(time * batch * own_gates);
    let weight = Matrix::new(inputs.hidden_weight, hidden, gates);
    let turned = Packed::new(weight.transposed());
    let ranges = rows::ranges(batch);
    let parts = rows::split(&mut projected, time, gates, &ranges)
        .into_iter()
        .zip(rows::split(&mut recurrent, time, own_gates, &ranges))
        .zip(
            rows::split(&mut carried, 1, hidden, &ranges)
                .into_iter()
                .flatten(),
        )
        .zip(
            rows::split(&mut carried_cell, 1, cell_width, &ranges)
                .into_iter()
                .flatten(),
        )
        .zip(&ranges)
        .map(
            |((((projected, recurrent), carried), carried_cell), rows)| Part {
                cell,
                shape,
                inputs,
                saved,
                grad_hidden,
                turned: &turned,
                rows: rows.clone(),
                projected,
                recurrent,
                carried,
                carried_cell,
            },
        )
        .collect::<Vec<_>>();
    parts.into_par_iter().with_max_len(1).for_each(Part::run);
    let before = if inputs.reverse { size } else { 0 };
    let states = Matrix::new(&saved.states[before..][..time * size], time * batch, hidden);
    let products = if own_gates > 0 {
        &recurrent[..]
    } else {
        &projected[..]
    };
    let mut hidden_weight = list(hidden * gates);
    let products = Matrix::new(products, time * batch, gates);
    matmul(states.transposed(), products, &mut hidden_weight, false);
    let hidden_bias = column_sums(&recurrent, own_gates).split_off(own_gates / 3 * 2);
    Gradients {
        projected,
        hidden_weight,
        hidden_bias,
        initial_hidden: carried,
        initial_cell: carried_cell,
    }
}

/// Some rows of the batch; lists are over time.
struct Part<'a> {
    cell: Cell,
    shape: Shape,
    inputs: &'a Inputs<'a>,
    saved: &'a Saved,
    grad_hidden: &'a [f32],
    turned: &'a Packed,
    rows: Range<usize>,
    projected: Vec<&'a mut [f32]>,
    recurrent: Vec<&'a mut [f32]>,
    carried: &'a mut [f32],
    carried_cell: &'a mut [f32],
}

impl Part<'_> {
    fn run(mut self) {
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
        let lengths = &self.inputs.lengths[self.rows.clone()];
        let nothing = vec![0.0; hidden];
        let row_of = |data: &'_ [f32], slot: usize, row: usize, width: usize| {
            let start = (slot * batch + self.rows.start + row) * width;
            start..(start + width).min(data.len())
        };
        for step in (0..self.shape.time).rev() {
            let time = self.inputs.time(step, self.shape);
            let (before, after) = self.inputs.slots(time);
            let saved = self.saved;
            for row in 0..lengths.len() {
                if time >= lengths[row] {
                    self.projected[time][row * gates..(row + 1) * gates].fill(0.0);
                    self.recurrent[time][row * own_gates..(row + 1) * own_gates].fill(0.0);
                    continue;
                }
                let units = row * hidden..(row + 1) * hidden;
                let grad_output = match self.grad_hidden {
                    [] => &nothing[..],
                    grad => &grad[row_of(grad, time, row, hidden)],
                };
                self.cell.backward(cell::Backward {
                    kept: &saved.kept[row_of(&saved.kept, time, row, kept_width)],
                    previous_hidden: &saved.states[row_of(&saved.states, before, row, hidden)],
                    hidden: &saved.states[row_of(&saved.states, after, row, hidden)],
                    previous_cell: &saved.cells[row_of(&saved.cells, before, row, cell_width)],
                    cell: &saved.cells[row_of(&saved.cells, after, row, cell_width)],
                    grad_output,
                    carried: &mut self.carried[units],
                    carried_cell: &mut self.carried_cell[row * cell_width..(row + 1) * cell_width],
                    grad_projected: &mut self.projected[time][row * gates..(row + 1) * gates],
                    grad_recurrent: &mut self.recurrent[time]
                        [row * own_gates..(row + 1) * own_gates],
                });
            }
            let active = active(lengths, time);
            let products: &[f32] = if own_gates > 0 {
                self.recurrent[time]
            } else {
                self.projected[time]
            };
            let left = Matrix::new(&products[..active * gates], active, gates);
            multiply(
                left,
                self.turned,
                &mut self.carried[..active * hidden],
                true,
            );
        }
    }
}
