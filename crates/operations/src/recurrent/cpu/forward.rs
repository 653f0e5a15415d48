//! The walk over time.

use std::ops::Range;

use rayon::prelude::*;

use super::{Inputs, Shape, active};
use crate::cell::cpu::{self as cell, Gates};
use kernels::buffer::Buffer;
use kernels::matmul::{Matrix, Packed, multiply};
use kernels::{rows, storage};
use network::cell::Cell;

/// Values kept for the backward pass.
#[derive(Clone, Debug)]
pub struct Saved {
    /// `[T + 1, B, H]`: the state between time steps, held where a row is padded.
    pub(super) states: Buffer,
    /// `[T + 1, B, H]`, LSTM only.
    pub(super) cells: Buffer,
    /// `[T, B, kept*H]`
    pub(super) kept: Buffer,
}

/// Results of the layer.
#[derive(Clone, Debug)]
pub struct Forward {
    /// `[T, B, H]`, zero at padded positions.
    pub hidden: Vec<f32>,
    /// `[B, H]`: each row's state after its last step of the walk.
    pub final_hidden: Vec<f32>,
    /// `[B, H]`, LSTM only; empty for other cells.
    pub final_cell: Vec<f32>,
    /// Values kept for the backward pass.
    pub saved: Saved,
}

/// Runs the layer.
///
/// # Panics
/// When a slice has another length than its documented shape.
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
    } = shape;
    let gates = inputs.gates(cell);
    let (cell_width, kept_width) = (gates.cell_width(hidden), gates.kept(hidden));
    let size = time * batch * hidden;
    let mut output = storage::list(size);
    let mut states = Buffer::new(size + batch * hidden);
    let mut cells = Buffer::new((time + 1) * batch * cell_width);
    let mut kept = Buffer::new(time * batch * kept_width);
    let weight = Matrix::new(inputs.hidden_weight, hidden, gates.width(hidden));
    let weight = Packed::new(weight);
    let ranges = rows::ranges(batch);
    let parts = rows::split(&mut states, time + 1, hidden, &ranges)
        .into_iter()
        .zip(rows::split(&mut cells, time + 1, cell_width, &ranges))
        .zip(rows::split(&mut kept, time, kept_width, &ranges))
        .zip(rows::split(&mut output, time, hidden, &ranges))
        .zip(&ranges)
        .map(|((((states, cells), kept), outputs), rows)| Part {
            gates,
            shape,
            inputs,
            weight: &weight,
            rows: rows.clone(),
            states,
            cells,
            kept,
            outputs,
        })
        .collect::<Vec<_>>();
    parts.into_par_iter().with_max_len(1).for_each(Part::run);
    let last = if inputs.reverse { 0 } else { time };
    let final_hidden = storage::copy(&states[last * batch * hidden..][..batch * hidden]);
    let final_cell = storage::copy(&cells[last * batch * cell_width..][..batch * cell_width]);
    Forward {
        hidden: output,
        final_hidden,
        final_cell,
        saved: Saved {
            states,
            cells,
            kept,
        },
    }
}

/// Some rows of the batch; lists are over time.
struct Part<'a> {
    gates: Gates<'a>,
    shape: Shape,
    inputs: &'a Inputs<'a>,
    weight: &'a Packed,
    rows: Range<usize>,
    states: Vec<&'a mut [f32]>,
    cells: Vec<&'a mut [f32]>,
    kept: Vec<&'a mut [f32]>,
    outputs: Vec<&'a mut [f32]>,
}

impl Part<'_> {
    fn run(mut self) {
        let hidden = self.shape.hidden;
        let (cell_width, kept_width) = (self.gates.cell_width(hidden), self.gates.kept(hidden));
        let gates = self.gates.width(hidden);
        let lengths = &self.inputs.lengths[self.rows.clone()];
        let mut recurrent = vec![0.0; lengths.len() * gates];
        let first = if self.inputs.reverse {
            self.shape.time
        } else {
            0
        };
        let Range { start, end } = self.rows;
        self.states[first]
            .copy_from_slice(&self.inputs.initial_hidden[start * hidden..end * hidden]);
        self.cells[first]
            .copy_from_slice(&self.inputs.initial_cell[start * cell_width..end * cell_width]);
        for step in 0..self.shape.time {
            let time = self.inputs.time(step, self.shape);
            let (before, after) = self.inputs.slots(time);
            let (previous, states) = rows::pair(&mut self.states, before, after);
            let (previous_cells, cells) = rows::pair(&mut self.cells, before, after);
            let active = active(lengths, time);
            let left = Matrix::new(&previous[..active * hidden], active, hidden);
            multiply(left, self.weight, &mut recurrent[..active * gates], false);
            for (row, &length) in lengths.iter().enumerate() {
                let units = row * hidden..(row + 1) * hidden;
                let cell_units = row * cell_width..(row + 1) * cell_width;
                if time >= length {
                    states[units.clone()].copy_from_slice(&previous[units.clone()]);
                    self.outputs[time][units].fill(0.0);
                    cells[cell_units.clone()].copy_from_slice(&previous_cells[cell_units]);
                    continue;
                }
                let projected = (time * self.shape.batch + start + row) * gates;
                self.gates.forward(cell::Forward {
                    projected: &self.inputs.projected[projected..projected + gates],
                    recurrent: &recurrent[row * gates..(row + 1) * gates],
                    previous_hidden: &previous[units.clone()],
                    previous_cell: &previous_cells[cell_units.clone()],
                    kept: &mut self.kept[time][row * kept_width..(row + 1) * kept_width],
                    cell: &mut cells[cell_units],
                    hidden: &mut states[units.clone()],
                });
                self.outputs[time][units.clone()].copy_from_slice(&states[units]);
            }
        }
    }
}
