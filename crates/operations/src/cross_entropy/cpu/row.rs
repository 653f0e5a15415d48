//! One row of logits: its loss and, in place, its gradient.

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, Simd, SimdOp, SimdUnaryOp};
use rten_vecmath::Exp;

use super::Output;
use kernels::lanes;

pub(super) struct Row<'a> {
    /// `[V]`; replaced by the gradient, or by scratch numbers when none is wanted.
    pub logits: &'a mut [f32],
    pub target: usize,
    /// Weight of the loss.
    pub weight: f32,
    pub smoothing: f32,
    pub gradient: bool,
}

impl SimdOp for Row<'_> {
    type Output = Output;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> Output {
        let ops = isa.f32();
        let Row {
            logits,
            target,
            weight,
            smoothing,
            gradient,
        } = self;
        let classes = logits.len() as f32;
        let largest = largest(isa, logits);
        let target_logit = logits[target];
        let correct =
            target_logit == largest && logits[..target].iter().all(|&logit| logit < largest);
        let offset = ops.splat(largest);
        let total = lanes::sum(
            isa,
            [&*logits],
            #[inline(always)]
            |[x]| x,
        );
        lanes::map(
            isa,
            [],
            [&mut *logits],
            #[inline(always)]
            |[], [x]| [Exp::apply(isa, ops.sub(x, offset))],
        );
        let mass = lanes::sum(
            isa,
            [&*logits],
            #[inline(always)]
            |[x]| x,
        );
        if gradient {
            let scale = ops.splat(weight / mass);
            let uniform = ops.splat(-weight * smoothing / classes);
            lanes::map(
                isa,
                [],
                [&mut *logits],
                #[inline(always)]
                |[], [x]| [ops.mul_add(x, scale, uniform)],
            );
            logits[target] -= weight * (1.0 - smoothing);
        }
        let normaliser = f64::from(largest) + f64::from(mass).ln();
        let nll = normaliser - f64::from(target_logit);
        let mean = normaliser - f64::from(total) / f64::from(classes);
        let smoothing = f64::from(smoothing);
        Output {
            loss: f64::from(weight) * ((1.0 - smoothing) * nll + smoothing * mean),
            nll,
            count: 1,
            correct: usize::from(correct),
        }
    }
}

#[inline(always)]
fn largest<I: Isa>(isa: I, values: &[f32]) -> f32 {
    let ops = isa.f32();
    let lanes = ops.len();
    let mut running = ops.splat(f32::NEG_INFINITY);
    let chunks = values.chunks_exact(lanes);
    let rest = chunks.remainder();
    for chunk in chunks {
        running = ops.max(running, ops.load(chunk));
    }
    let running = running.to_array();
    running
        .as_ref()
        .iter()
        .chain(rest)
        .fold(f32::NEG_INFINITY, |a, &b| a.max(b))
}
