//! One transition of all rows, forward and back, beside its products.

use super::inputs::CELL;
use crate::cell::cpu::{Backward, Forward, Pointwise};
use crate::span::rows_each;
use kernels::parallel;

/// A transition of `B` rows.
pub(super) struct Transition<'a> {
    /// `H`
    pub hidden: usize,
    /// `[B, 3H]`: the input's share of the gates.
    pub projected: &'a [f32],
    /// `[B, 3H]`: the product with the state before.
    pub recurrent: &'a [f32],
    /// `[H]`
    pub bias: &'a [f32],
    /// `[B, H]`: the state before.
    pub before: &'a [f32],
    /// `[B, kept * H]`, written.
    pub kept: &'a mut [f32],
    /// `[B, H]`, written: the state after.
    pub after: &'a mut [f32],
}

impl Transition<'_> {
    /// Makes the states after.
    pub fn run(self) {
        let hidden = self.hidden;
        let (gates, kept) = (CELL.gates() * hidden, CELL.kept() * hidden);
        let each = rows_each(self.before.len() / hidden);
        let parts = self
            .after
            .chunks_mut(each * hidden)
            .zip(self.kept.chunks_mut(each * kept))
            .enumerate()
            .collect();
        parallel::each(parts, |(part, (after, kept_rows))| {
            let rows = after
                .chunks_exact_mut(hidden)
                .zip(kept_rows.chunks_exact_mut(kept));
            for (place, (after, kept)) in rows.enumerate() {
                let row = part * each + place;
                let of = |width: usize| row * width..(row + 1) * width;
                CELL.forward(Forward {
                    projected: &self.projected[of(gates)],
                    recurrent: &self.recurrent[of(gates)],
                    hidden_bias: self.bias,
                    previous_hidden: &self.before[of(hidden)],
                    previous_cell: &[],
                    kept,
                    cell: &mut [],
                    hidden: after,
                });
            }
        });
    }
}

/// The gradients of [`Transition`].
pub(super) struct TransitionBackward<'a> {
    /// `H`
    pub hidden: usize,
    /// `[B, kept * H]`
    pub kept: &'a [f32],
    /// `[B, H]`
    pub before: &'a [f32],
    /// `[B, H]`
    pub after: &'a [f32],
    /// `[B, H]`: of the state after, from within the step.
    pub gradient: &'a [f32],
    /// `[B, H]`: in: of the state after, from later transitions; out: of the state before, but for its product.
    pub carried: &'a mut [f32],
    /// `[B, 3H]`, written: of the input's share of the gates.
    pub projected: &'a mut [f32],
    /// `[B, 3H]`, written: of the product with the state before.
    pub recurrent: &'a mut [f32],
}

impl TransitionBackward<'_> {
    /// Makes the gradients.
    pub fn run(self) {
        let hidden = self.hidden;
        let (gates, kept) = (CELL.gates() * hidden, CELL.kept() * hidden);
        let each = rows_each(self.before.len() / hidden);
        let parts = self
            .carried
            .chunks_mut(each * hidden)
            .zip(self.projected.chunks_mut(each * gates))
            .zip(self.recurrent.chunks_mut(each * gates))
            .enumerate()
            .collect();
        parallel::each(parts, |(part, ((carried, projected), recurrent))| {
            let rows = carried
                .chunks_exact_mut(hidden)
                .zip(projected.chunks_exact_mut(gates))
                .zip(recurrent.chunks_exact_mut(gates));
            for (place, ((carried, grad_projected), grad_recurrent)) in rows.enumerate() {
                let row = part * each + place;
                let of = |width: usize| row * width..(row + 1) * width;
                CELL.backward(Backward {
                    kept: &self.kept[of(kept)],
                    previous_hidden: &self.before[of(hidden)],
                    hidden: &self.after[of(hidden)],
                    previous_cell: &[],
                    cell: &[],
                    grad_output: &self.gradient[of(hidden)],
                    carried,
                    carried_cell: &mut [],
                    grad_projected,
                    grad_recurrent,
                });
            }
        });
    }
}
