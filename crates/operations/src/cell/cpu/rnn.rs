//! Simple recurrent cell: `h' = act(x + h W)`. Nothing kept: the slope follows from `h'`.

use rten_simd::ops::{BitOps, FloatOps, NumOps};
use rten_simd::{Isa, SimdOp, SimdUnaryOp};
use rten_vecmath::Tanh;

use super::{Backward, Forward, Nonlinearity};
use kernels::lanes;

pub(super) struct RowForward<'a> {
    pub nonlinearity: Nonlinearity,
    pub row: Forward<'a>,
}

impl SimdOp for RowForward<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let row = self.row;
        match self.nonlinearity {
            Nonlinearity::Tanh => lanes::map(
                isa,
                [row.projected, row.recurrent],
                [row.hidden],
                #[inline(always)]
                |[x, r], _| [Tanh::apply(isa, ops.add(x, r))],
            ),
            Nonlinearity::Relu => lanes::map(
                isa,
                [row.projected, row.recurrent],
                [row.hidden],
                #[inline(always)]
                |[x, r], _| [ops.max(ops.add(x, r), ops.zero())],
            ),
        }
    }
}

pub(super) struct RowBackward<'a> {
    pub nonlinearity: Nonlinearity,
    pub row: Backward<'a>,
}

impl SimdOp for RowBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let row = self.row;
        let (inputs, outputs) = (
            [row.hidden, row.grad_output],
            [row.grad_projected, row.carried.hidden],
        );
        match self.nonlinearity {
            Nonlinearity::Tanh => lanes::map(
                isa,
                inputs,
                outputs,
                #[inline(always)]
                |[hidden, grad], [_, carried]| {
                    let slope = ops.mul_sub_from(hidden, hidden, ops.one());
                    [ops.mul(ops.add(grad, carried), slope), ops.zero()]
                },
            ),
            Nonlinearity::Relu => lanes::map(
                isa,
                inputs,
                outputs,
                #[inline(always)]
                |[hidden, grad], [_, carried]| {
                    let open = ops.gt(hidden, ops.zero());
                    [
                        ops.select(ops.add(grad, carried), ops.zero(), open),
                        ops.zero(),
                    ]
                },
            ),
        }
    }
}
