//! Gated recurrent unit: `r, z = sigmoid(x + h W)`, `m = h W_n + b_n`, `n = tanh(x_n + r m)`,
//! `h' = n + z (h - n)`. Kept: r, z, n, m.

use rten_simd::ops::{BitOps, FloatOps, NumOps};
use rten_simd::{Isa, SimdOp, SimdUnaryOp};
use rten_vecmath::{Sigmoid, Tanh};

use super::{Backward, Forward, quarters, quarters_mut, thirds, thirds_mut};
use kernels::lanes;

pub(super) struct RowForward<'a> {
    /// `[H]`
    pub hidden_bias: &'a [f32],
    pub row: Forward<'a>,
}

impl SimdOp for RowForward<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let row = self.row;
        let width = row.hidden.len();
        let [xr, xz, xn] = thirds(row.projected, width);
        let [hr, hz, hn] = thirds(row.recurrent, width);
        let [r, z, n, m] = quarters_mut(row.kept, width);
        lanes::map(
            isa,
            [
                xr,
                xz,
                xn,
                hr,
                hz,
                hn,
                self.hidden_bias,
                row.previous_hidden,
            ],
            [r, z, n, m, row.hidden],
            #[inline(always)]
            |[xr, xz, xn, hr, hz, hn, bias, previous], _| {
                let r = Sigmoid::apply(isa, ops.add(xr, hr));
                let z = Sigmoid::apply(isa, ops.add(xz, hz));
                let m = ops.add(hn, bias);
                let n = Tanh::apply(isa, ops.mul_add(r, m, xn));
                [r, z, n, m, ops.mul_add(z, ops.sub(previous, n), n)]
            },
        );
    }
}

pub(super) struct RowBackward<'a>(pub Backward<'a>);

impl SimdOp for RowBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let one = ops.splat(1.0);
        let row = self.0;
        let width = row.hidden.len();
        let [r, z, n, m] = quarters(row.kept, width);
        let [dr, dz, dn] = thirds_mut(row.grad_projected, width);
        let [hr, hz, hn] = thirds_mut(row.grad_recurrent, width);
        lanes::map(
            isa,
            [r, z, n, m, row.previous_hidden, row.grad_output],
            [dr, dz, dn, hr, hz, hn, row.carried.hidden],
            #[inline(always)]
            |[r, z, n, m, previous, grad], [_, _, _, _, _, _, carried]| {
                let d_hidden = ops.add(grad, carried);
                let kept = ops.sub(one, z);
                let dn = ops.mul(ops.mul(d_hidden, kept), ops.mul_sub_from(n, n, one));
                let dz = ops.mul(ops.mul(d_hidden, ops.sub(previous, n)), ops.mul(z, kept));
                let dr = ops.mul(ops.mul(dn, m), ops.mul(r, ops.sub(one, r)));
                [dr, dz, dn, dr, dz, ops.mul(dn, r), ops.mul(d_hidden, z)]
            },
        );
    }
}
