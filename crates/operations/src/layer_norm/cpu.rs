//! Layer normalisation of a layer's output, before anything reads it.

use rten_simd::ops::{BitOps, FloatOps, NumOps};
use rten_simd::{Isa, SimdOp};

use kernels::lanes;

/// Keeps the division finite, as in PyTorch.
const EPSILON: f32 = 1e-5;

/// Layer normalisation over the units of a row (Ba et al., 2016, equation 4).
#[derive(Clone, Copy, Debug)]
pub struct Norm<'a> {
    /// `[H]`
    pub gain: &'a [f32],
    /// `[H]`
    pub bias: &'a [f32],
}

/// `output = normal * gain + bias` with `normal = (values - mean) * scale`; gives the scale, one over the standard
/// deviation.
pub struct Normalise<'a> {
    /// Gain and bias.
    pub norm: Norm<'a>,
    /// `[H]`, replaced by `normal`.
    pub values: &'a mut [f32],
    /// `[H]`
    pub output: &'a mut [f32],
}

impl SimdOp for Normalise<'_> {
    type Output = f32;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> f32 {
        let ops = isa.f32();
        let count = self.values.len() as f32;
        let sum = lanes::sum(
            isa,
            [&*self.values],
            #[inline(always)]
            |[x]| x,
        );
        let mean = ops.splat(sum / count);
        lanes::map(
            isa,
            [],
            [&mut *self.values],
            #[inline(always)]
            |[], [x]| [ops.sub(x, mean)],
        );
        let square = lanes::Dot(self.values, self.values).eval(isa);
        let scale = 1.0 / (square / count + EPSILON).sqrt();
        let factor = ops.splat(scale);
        lanes::map(
            isa,
            [self.norm.gain, self.norm.bias],
            [&mut *self.values, self.output],
            #[inline(always)]
            |[gain, bias], [x, _]| {
                let normal = ops.mul(x, factor);
                [normal, ops.mul_add(normal, gain, bias)]
            },
        );
        scale
    }
}

/// The gradients of [`Normalise`].
pub(crate) struct NormaliseBackward<'a> {
    pub norm: Norm<'a>,
    /// `[H]`
    pub normal: &'a [f32],
    pub scale: f32,
    /// `[H]`: that of the output, replaced by that of the values.
    pub gradient: &'a mut [f32],
    /// `[H]`, added to.
    pub grad_gain: &'a mut [f32],
    /// `[H]`, added to.
    pub grad_bias: &'a mut [f32],
}

impl SimdOp for NormaliseBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let count = self.gradient.len() as f32;
        lanes::map(
            isa,
            [self.norm.gain, self.normal],
            [&mut *self.gradient, self.grad_gain, self.grad_bias],
            #[inline(always)]
            |[gain, normal], [gradient, grad_gain, grad_bias]| {
                [
                    ops.mul(gradient, gain),
                    ops.mul_add(gradient, normal, grad_gain),
                    ops.add(grad_bias, gradient),
                ]
            },
        );
        let sum = lanes::sum(
            isa,
            [&*self.gradient],
            #[inline(always)]
            |[x]| x,
        );
        let mean = ops.splat(sum / count);
        let along = ops.splat(lanes::Dot(self.gradient, self.normal).eval(isa) / count);
        let scale = ops.splat(self.scale);
        lanes::map(
            isa,
            [self.normal],
            [self.gradient],
            #[inline(always)]
            |[normal], [gradient]| {
                let centred = ops.sub(gradient, mean);
                [ops.mul(scale, ops.mul_sub_from(normal, along, centred))]
            },
        );
    }
}
