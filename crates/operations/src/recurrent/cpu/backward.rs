//! The walk back over time, then the weight's gradient as one product over all steps.

use std::ops::Range;

use rayon::prelude::*;

use super::{Inputs, Saved, Shape, active};
use crate::cell::cpu::{self as cell, Carried, CarriedRows, Gates};
use kernels::buffer::Buffer;
use kernels::matmul::{Matrix, Packed, matmul, multiply};
use kernels::rows;
use kernels::storage::list;
use network::cell::Cell;

/// Gradients of a layer's inputs, in their shapes.
#[derive(Clone, Debug)]
pub struct Gradients {
    /// `[T, B, G*H]`, zero at padded positions.
    pub projected: Vec<f32>,
    /// `[H, G*H]`
    pub hidden_weight: Vec<f32>,
    /// Of the cell's gates and first states.
    pub cell: cell::Gradients,
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
    let gates = inputs.gates(cell);
    let (width, own_width) = (gates.width(hidden), gates.own_width(hidden));
    assert!(
        [0, time * size].contains(&grad_hidden.len()),
        "grad_hidden is [T, B, H]"
    );
    let mut carried = Carried::zeros(&gates, batch, hidden);
    let start = |carried: &mut [f32], grad: &[f32], name: &str| {
        if grad.is_empty() || carried.is_empty() {
            return;
        }
        assert_eq!(grad.len(), carried.len(), "{name} is [B, H]");
        carried.copy_from_slice(grad);
    };
    start(&mut carried.hidden, grad_final_hidden, "grad_final_hidden");
    start(&mut carried.cell, grad_final_cell, "grad_final_cell");
    let mut projected = list(time * batch * width);
    let mut recurrent = Buffer::new(time * batch * own_width);
    let weight = Matrix::new(inputs.hidden_weight, hidden, width);
    let turned = Packed::new(weight.transposed());
    let ranges = rows::ranges(batch);
    let parts = rows::split(&mut projected, time, width, &ranges)
        .into_iter()
        .zip(rows::split(&mut recurrent, time, own_width, &ranges))
        .zip(carried.parts(batch, &ranges))
        .zip(&ranges)
        .map(|(((projected, recurrent), carried), rows)| Part {
            gates,
            shape,
            inputs,
            saved,
            grad_hidden,
            turned: &turned,
            rows: rows.clone(),
            projected,
            recurrent,
            carried,
        })
        .collect::<Vec<_>>();
    parts.into_par_iter().with_max_len(1).for_each(Part::run);
    let before = if inputs.reverse { size } else { 0 };
    let states = Matrix::new(&saved.states[before..][..time * size], time * batch, hidden);
    let products = if own_width > 0 {
        &recurrent[..]
    } else {
        &projected[..]
    };
    let mut hidden_weight = list(hidden * width);
    let products = Matrix::new(products, time * batch, width);
    matmul(states.transposed(), products, &mut hidden_weight, false);
    Gradients {
        projected,
        hidden_weight,
        cell: carried.finish(&gates, &recurrent, hidden),
    }
}

/// Some rows of the batch; lists are over time.
struct Part<'a> {
    gates: Gates<'a>,
    shape: Shape,
    inputs: &'a Inputs<'a>,
    saved: &'a Saved,
    grad_hidden: &'a [f32],
    turned: &'a Packed,
    rows: Range<usize>,
    projected: Vec<&'a mut [f32]>,
    recurrent: Vec<&'a mut [f32]>,
    carried: CarriedRows<'a>,
}

impl Part<'_> {
    fn run(mut self) {
        let Shape { batch, hidden, .. } = self.shape;
        let gates = self.gates;
        let (width, own_width) = (gates.width(hidden), gates.own_width(hidden));
        let (cell_width, kept_width) = (gates.cell_width(hidden), gates.kept(hidden));
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
                let grad_projected = &mut self.projected[time][row * width..(row + 1) * width];
                let own = row * own_width..(row + 1) * own_width;
                let grad_recurrent = &mut self.recurrent[time][own];
                if time >= lengths[row] {
                    grad_projected.fill(0.0);
                    grad_recurrent.fill(0.0);
                    continue;
                }
                let grad_output = match self.grad_hidden {
                    [] => &nothing[..],
                    grad => &grad[row_of(grad, time, row, hidden)],
                };
                gates.backward(cell::Backward {
                    kept: &saved.kept[row_of(&saved.kept, time, row, kept_width)],
                    previous_hidden: &saved.states[row_of(&saved.states, before, row, hidden)],
                    hidden: &saved.states[row_of(&saved.states, after, row, hidden)],
                    previous_cell: &saved.cells[row_of(&saved.cells, before, row, cell_width)],
                    cell: &saved.cells[row_of(&saved.cells, after, row, cell_width)],
                    grad_output,
                    carried: self.carried.row(row, hidden),
                    grad_projected,
                    grad_recurrent,
                });
            }
            let active = active(lengths, time);
            let products: &[f32] = if own_width > 0 {
                self.recurrent[time]
            } else {
                self.projected[time]
            };
            let left = Matrix::new(&products[..active * width], active, width);
            let carried = &mut self.carried.hidden[..active * hidden];
            multiply(left, self.turned, carried, true);
        }
    }
}
