//! One step of all rows of a batch, forward and back, beside its products.

use super::gates::{Carried, Gates};
use super::{Backward, Forward};
use crate::span::thread_ranges;
use kernels::parallel;
use kernels::rows;

/// A step of `B` rows.
pub struct StepForward<'a> {
    /// The cell.
    pub gates: Gates<'a>,
    /// `[B, G*H]`: the projected input with its bias; or `[G*H]`, of all rows alike.
    pub projected: &'a [f32],
    /// `[B, G*H]`: the product with the state before.
    pub recurrent: &'a [f32],
    /// `[B, H]`: the state before.
    pub before: &'a [f32],
    /// `[B, H]`: the cell state before, LSTM only.
    pub cells_before: &'a [f32],
    /// `[B, kept]`, written.
    pub kept: &'a mut [f32],
    /// `[B, H]`, written: the state after.
    pub after: &'a mut [f32],
    /// `[B, H]`, written: the cell state after, LSTM only.
    pub cells_after: &'a mut [f32],
}

impl StepForward<'_> {
    /// Makes the states after, of `hidden` units.
    pub fn run(self, hidden: usize) {
        let (gates, batch) = (self.gates, self.before.len() / hidden);
        let (width, kept_width) = (gates.width(hidden), gates.kept(hidden));
        let cell_width = gates.cell_width(hidden);
        let ranges = thread_ranges(batch);
        let written = rows::pieces(self.after, hidden, &ranges)
            .zip(rows::pieces(self.cells_after, cell_width, &ranges))
            .zip(rows::pieces(self.kept, kept_width, &ranges));
        let parts = ranges.iter().zip(written).collect();
        parallel::each(parts, |(rows, ((after, cells), kept))| {
            for (place, hidden_after) in after.chunks_exact_mut(hidden).enumerate() {
                let row = rows.start + place;
                let of = |width: usize| row * width..(row + 1) * width;
                let here = |width: usize| place * width..(place + 1) * width;
                gates.forward(Forward {
                    projected: match self.projected.len() == width {
                        true => self.projected,
                        false => &self.projected[of(width)],
                    },
                    recurrent: &self.recurrent[of(width)],
                    previous_hidden: &self.before[of(hidden)],
                    previous_cell: &self.cells_before[of(cell_width)],
                    kept: &mut kept[here(kept_width)],
                    cell: &mut cells[here(cell_width)],
                    hidden: hidden_after,
                });
            }
        });
    }
}

/// The gradients of [`StepForward`].
pub struct StepBackward<'a> {
    /// The cell.
    pub gates: Gates<'a>,
    /// `[B, kept]`
    pub kept: &'a [f32],
    /// `[B, H]`
    pub before: &'a [f32],
    /// `[B, H]`
    pub after: &'a [f32],
    /// `[B, H]`, LSTM only.
    pub cells_before: &'a [f32],
    /// `[B, H]`, LSTM only.
    pub cells_after: &'a [f32],
    /// `[B, H]`: of the state after, from within the step.
    pub gradient: &'a [f32],
    /// From later steps, and to earlier ones.
    pub carried: &'a mut Carried,
    /// `[B, G*H]`, written: of the projected input.
    pub projected: &'a mut [f32],
    /// `[B, G*H]`, written: of the product with the state before, where it differs; else empty.
    pub recurrent: &'a mut [f32],
}

impl StepBackward<'_> {
    /// Makes the gradients, of `hidden` units.
    pub fn run(self, hidden: usize) {
        let (gates, batch) = (self.gates, self.before.len() / hidden);
        let (width, own_width) = (gates.width(hidden), gates.own_width(hidden));
        let (kept_width, cell_width) = (gates.kept(hidden), gates.cell_width(hidden));
        let ranges = thread_ranges(batch);
        let written = rows::pieces(self.projected, width, &ranges)
            .zip(rows::pieces(self.recurrent, own_width, &ranges))
            .zip(self.carried.parts(batch, &ranges));
        let parts = ranges.iter().zip(written).collect();
        parallel::each(parts, |(rows, ((projected, recurrent), mut carried))| {
            for (place, grad_projected) in projected.chunks_exact_mut(width).enumerate() {
                let row = rows.start + place;
                let of = |width: usize| row * width..(row + 1) * width;
                gates.backward(Backward {
                    kept: &self.kept[of(kept_width)],
                    previous_hidden: &self.before[of(hidden)],
                    hidden: &self.after[of(hidden)],
                    previous_cell: &self.cells_before[of(cell_width)],
                    cell: &self.cells_after[of(cell_width)],
                    grad_output: &self.gradient[of(hidden)],
                    carried: carried.row(place, hidden),
                    grad_projected,
                    grad_recurrent: &mut recurrent[place * own_width..(place + 1) * own_width],
                });
            }
        });
    }
}
