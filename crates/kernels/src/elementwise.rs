//! Functions of each number of a list.

use rten_simd::ops::{FloatOps, NumOps};
use rten_simd::{Isa, SimdOp, SimdUnaryOp};
use rten_vecmath::Tanh;

use crate::lanes;

/// `values = tanh(values)`, in place.
pub struct TanhInPlace<'a>(pub &'a mut [f32]);

impl SimdOp for TanhInPlace<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        lanes::map(
            isa,
            [],
            [self.0],
            #[inline(always)]
            |[], [x]| [Tanh::apply(isa, x)],
        );
    }
}

/// `gradient = (upstream + carried) * (1 - output^2)`, the gradient before a hyperbolic tangent.
pub struct TanhBackward<'a> {
    /// Gradient of the result.
    pub upstream: &'a [f32],
    /// A second gradient of the result, added to the first.
    pub carried: &'a [f32],
    /// The result.
    pub output: &'a [f32],
    /// Written.
    pub gradient: &'a mut [f32],
}

impl SimdOp for TanhBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        lanes::map(
            isa,
            [self.upstream, self.carried, self.output],
            [self.gradient],
            #[inline(always)]
            |[upstream, carried, output], _| {
                let slope = ops.mul_sub_from(output, output, ops.one());
                [ops.mul(ops.add(upstream, carried), slope)]
            },
        );
    }
}

/// `values *= factors`, in place.
pub struct Multiply<'a> {
    /// As many as there are values.
    pub factors: &'a [f32],
    /// Changed.
    pub values: &'a mut [f32],
}

impl SimdOp for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        lanes::map(
            isa,
            [self.factors],
            [self.values],
            #[inline(always)]
            |[factor], [value]| [ops.mul(factor, value)],
        );
    }
}
