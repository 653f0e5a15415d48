//! Long short-term memory: `i, f, o = sigmoid(x + h W)`, `g = tanh(x + h W)`, `c' = f c + i g`,
//! `h' = o tanh(c')`. Kept: i, f, g, o.

use rten_simd::ops::{BitOps, FloatOps, NumOps};
use rten_simd::{Isa, SimdOp, SimdUnaryOp};
use rten_vecmath::{Sigmoid, Tanh};

use super::{Backward, Forward, quarters, quarters_mut};
use kernels::lanes;

pub(super) struct RowForward<'a>(pub Forward<'a>);

impl SimdOp for RowForward<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let row = self.0;
        let width = row.hidden.len();
        let [xi, xf, xg, xo] = quarters(row.projected, width);
        let [ri, rf, rg, ro] = quarters(row.recurrent, width);
        let [i, f, g, o] = quarters_mut(row.kept, width);
        lanes::map(
            isa,
            [xi, xf, xg, xo, ri, rf, rg, ro, row.previous_cell],
            [i, f, g, o, row.cell, row.hidden],
            #[inline(always)]
            |[xi, xf, xg, xo, ri, rf, rg, ro, previous], _| {
                let i = Sigmoid::apply(isa, ops.add(xi, ri));
                let f = Sigmoid::apply(isa, ops.add(xf, rf));
                let g = Tanh::apply(isa, ops.add(xg, rg));
                let o = Sigmoid::apply(isa, ops.add(xo, ro));
                let cell = ops.mul_add(f, previous, ops.mul(i, g));
                let hidden = ops.mul(o, Tanh::apply(isa, cell));
                [i, f, g, o, cell, hidden]
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
        let [i, f, g, o] = quarters(row.kept, width);
        let [di, df, dg, d_o] = quarters_mut(row.grad_projected, width);
        lanes::map(
            isa,
            [i, f, g, o, row.previous_cell, row.cell, row.grad_output],
            [di, df, dg, d_o, row.carried.hidden, row.carried.cell],
            #[inline(always)]
            |[i, f, g, o, previous, cell, grad], [_, _, _, _, carried, carried_cell]| {
                let squashed = Tanh::apply(isa, cell);
                let d_hidden = ops.add(grad, carried);
                let slope = ops.mul_sub_from(squashed, squashed, one);
                let d_cell = ops.mul_add(ops.mul(d_hidden, o), slope, carried_cell);
                let d_output = ops.mul(d_hidden, squashed);
                [
                    ops.mul(ops.mul(d_cell, g), ops.mul(i, ops.sub(one, i))),
                    ops.mul(ops.mul(d_cell, previous), ops.mul(f, ops.sub(one, f))),
                    ops.mul(ops.mul(d_cell, i), ops.mul_sub_from(g, g, one)),
                    ops.mul(d_output, ops.mul(o, ops.sub(one, o))),
                    ops.splat(0.0),
                    ops.mul(d_cell, f),
                ]
            },
        );
    }
}
