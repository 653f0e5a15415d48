//! Gates that are normalised before their nonlinearities: with a the sum of a gate's input, recurrence and bias,
//! a becomes gain * (a - mean) / deviation + bias over the units of that gate (Ba et al. 2016, section 3.1, equation 4;
//! gate by gate as in Chen et al. 2018). A GRU's new gate sums x_n + r (h U_n + b_n).
//!
//! A row keeps, behind what its cell keeps, the normalised sums, `[G*H]`, and what each gate's were multiplied by, `[G]`.

use rten_simd::ops::{BitOps, FloatOps, NumOps};
use rten_simd::{Isa, SimdOp, SimdUnaryOp};
use rten_vecmath::{Sigmoid, Tanh};

use super::super::thirds_mut;
use super::super::{Backward, CarriedRows, Forward, Pointwise, lstm, quarters, quarters_mut, rnn};
use super::Parameters;
use crate::layer_norm::cpu::{Norm, Normalise, NormaliseBackward};
use kernels::instruction_sets::Capped;
use kernels::lanes;
use network::cell::Cell;

/// Numbers that a row keeps behind what its cell keeps.
pub(super) fn kept(cell: Cell, hidden: usize) -> usize {
    cell.gates() * (hidden + 1)
}

/// The gain and the bias of a gate of `hidden` units.
fn norm<'a>(parameters: &Parameters<&'a [f32]>, gate: usize, hidden: usize) -> Norm<'a> {
    let units = gate * hidden..(gate + 1) * hidden;
    Norm {
        gain: &parameters.gain[units.clone()],
        bias: &parameters.norm_bias[units],
    }
}

/// Computes one row's new state.
pub(super) fn forward(cell: Cell, parameters: &Parameters<&[f32]>, row: Forward) {
    let hidden = row.hidden.len();
    let width = cell.gates() * hidden;
    let (kept, own) = row.kept.split_at_mut(cell.kept() * hidden);
    let (normal, scales) = own.split_at_mut(width);
    let mut gates = vec![0.0; width];
    let mut normalise = |gate: usize, gates: &mut [f32]| {
        let units = gate * hidden..(gate + 1) * hidden;
        let norm = norm(parameters, gate, hidden);
        let (values, output) = (&mut normal[units.clone()], &mut gates[units]);
        values.copy_from_slice(output);
        scales[gate] = Normalise {
            norm,
            values,
            output,
        }
        .run();
    };
    Sum(row.projected, row.recurrent, &mut gates).run();
    if cell == Cell::Gru {
        normalise(0, &mut gates);
        normalise(1, &mut gates);
        NewGate {
            projected: &row.projected[2 * hidden..],
            recurrent: &row.recurrent[2 * hidden..],
            hidden_bias: parameters.hidden_bias,
            gates: &mut gates,
            kept,
        }
        .run();
        normalise(2, &mut gates);
        return NewState {
            new: &gates[2 * hidden..],
            previous: row.previous_hidden,
            kept,
            hidden: row.hidden,
        }
        .run();
    }
    for gate in 0..cell.gates() {
        normalise(gate, &mut gates);
    }
    let row = Forward {
        projected: &gates,
        // All is in the gates.
        recurrent: &vec![0.0; width],
        kept,
        ..row
    };
    match cell {
        Cell::Rnn(nonlinearity) => rnn::RowForward { nonlinearity, row }.run(),
        Cell::Gru | Cell::Lstm => lstm::RowForward(row).run(),
    }
}

/// Computes one row's gradients before the products with the transposed weights.
pub(super) fn backward(cell: Cell, parameters: &Parameters<&[f32]>, row: Backward) {
    let hidden = row.hidden.len();
    let width = cell.gates() * hidden;
    let (kept, own) = row.kept.split_at(cell.kept() * hidden);
    let (normal, scales) = own.split_at(width);
    let (gains, biases) = row.carried.sums.split_at_mut(width);
    let mut back = |gate: usize, gradient: &mut [f32]| {
        let units = gate * hidden..(gate + 1) * hidden;
        NormaliseBackward {
            norm: norm(parameters, gate, hidden),
            normal: &normal[units.clone()],
            scale: scales[gate],
            gradient,
            grad_gain: &mut gains[units.clone()],
            grad_bias: &mut biases[units],
        }
        .run();
    };
    let carried = CarriedRows {
        hidden: row.carried.hidden,
        cell: row.carried.cell,
        sums: &mut [],
    };
    let gradients = row.grad_projected;
    if cell == Cell::Gru {
        OfNewState {
            kept,
            previous: row.previous_hidden,
            grad_output: row.grad_output,
            carried: carried.hidden,
            gradients,
        }
        .run();
        back(2, &mut gradients[2 * hidden..]);
        OfNewGate {
            kept,
            gradients,
            recurrent: row.grad_recurrent,
        }
        .run();
        for gate in [0, 1] {
            let units = gate * hidden..(gate + 1) * hidden;
            back(gate, &mut gradients[units.clone()]);
            row.grad_recurrent[units.clone()].copy_from_slice(&gradients[units]);
        }
        return;
    }
    let row = Backward {
        kept,
        carried,
        grad_projected: &mut *gradients,
        ..row
    };
    match cell {
        Cell::Rnn(nonlinearity) => rnn::RowBackward { nonlinearity, row }.run(),
        Cell::Gru | Cell::Lstm => lstm::RowBackward(row).run(),
    }
    for (gate, gradient) in gradients.chunks_exact_mut(hidden).enumerate() {
        back(gate, gradient);
    }
}

/// Writes the sum of two lists to the third.
struct Sum<'a>(&'a [f32], &'a [f32], &'a mut [f32]);

impl SimdOp for Sum<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        lanes::map(
            isa,
            [self.0, self.1],
            [self.2],
            #[inline(always)]
            |[x, y], _| [ops.add(x, y)],
        );
    }
}

/// From the sums of a GRU's reset and update gates to these, kept, and to the sum of its new gate.
struct NewGate<'a> {
    /// `[H]`
    projected: &'a [f32],
    /// `[H]`
    recurrent: &'a [f32],
    /// `[H]`
    hidden_bias: &'a [f32],
    /// `[3H]`: the first two are read, the third written.
    gates: &'a mut [f32],
    /// `[4H]`
    kept: &'a mut [f32],
}

impl SimdOp for NewGate<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let width = self.projected.len();
        let [reset, update, new] = thirds_mut(self.gates, width);
        let [r, z, _, m] = quarters_mut(self.kept, width);
        let inputs = [
            &*reset,
            update,
            self.projected,
            self.recurrent,
            self.hidden_bias,
        ];
        lanes::map(
            isa,
            inputs,
            [r, z, m, new],
            #[inline(always)]
            |[reset, update, x, h, bias], _| {
                let r = Sigmoid::apply(isa, reset);
                let m = ops.add(h, bias);
                [r, Sigmoid::apply(isa, update), m, ops.mul_add(r, m, x)]
            },
        );
    }
}

/// From the normalised sum of a GRU's new gate to the state.
struct NewState<'a> {
    /// `[H]`
    new: &'a [f32],
    /// `[H]`
    previous: &'a [f32],
    /// `[4H]`
    kept: &'a mut [f32],
    /// `[H]`, written.
    hidden: &'a mut [f32],
}

impl SimdOp for NewState<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let [_, z, n, _] = quarters_mut(self.kept, self.new.len());
        lanes::map(
            isa,
            [self.new, &*z, self.previous],
            [n, self.hidden],
            #[inline(always)]
            |[new, z, previous], _| {
                let n = Tanh::apply(isa, new);
                [n, ops.mul_add(z, ops.sub(previous, n), n)]
            },
        );
    }
}

/// The gradients of [`NewState`], of its new and its update gate's normalised sums.
struct OfNewState<'a> {
    /// `[4H]`
    kept: &'a [f32],
    /// `[H]`
    previous: &'a [f32],
    /// `[H]`
    grad_output: &'a [f32],
    /// `[H]`: as in [`CarriedRows`].
    carried: &'a mut [f32],
    /// `[3H]`: the last two are written.
    gradients: &'a mut [f32],
}

impl SimdOp for OfNewState<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let one = ops.splat(1.0);
        let width = self.previous.len();
        let [_, z, n, _] = quarters(self.kept, width);
        let [_, dz, dn] = thirds_mut(self.gradients, width);
        lanes::map(
            isa,
            [z, n, self.previous, self.grad_output],
            [dz, dn, self.carried],
            #[inline(always)]
            |[z, n, previous, grad], [_, _, carried]| {
                let d_hidden = ops.add(grad, carried);
                let kept = ops.sub(one, z);
                let dn = ops.mul(ops.mul(d_hidden, kept), ops.mul_sub_from(n, n, one));
                let dz = ops.mul(ops.mul(d_hidden, ops.sub(previous, n)), ops.mul(z, kept));
                [dz, dn, ops.mul(d_hidden, z)]
            },
        );
    }
}

/// The gradients of [`NewGate`]: of the reset gate's normalised sum, and of the new gate's hidden product.
struct OfNewGate<'a> {
    /// `[4H]`
    kept: &'a [f32],
    /// `[3H]`: the third, of the new gate's sum, is read, the first written.
    gradients: &'a mut [f32],
    /// `[3H]`: the third is written.
    recurrent: &'a mut [f32],
}

impl SimdOp for OfNewGate<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let one = ops.splat(1.0);
        let width = self.gradients.len() / 3;
        let [r, _, _, m] = quarters(self.kept, width);
        let [dr, _, dn] = thirds_mut(self.gradients, width);
        let [_, _, hn] = thirds_mut(self.recurrent, width);
        lanes::map(
            isa,
            [r, m, &*dn],
            [dr, hn],
            #[inline(always)]
            |[r, m, dn], _| {
                let dr = ops.mul(ops.mul(dn, m), ops.mul(r, ops.sub(one, r)));
                [dr, ops.mul(dn, r)]
            },
        );
    }
}
