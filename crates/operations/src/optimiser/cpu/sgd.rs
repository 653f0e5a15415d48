//! Stochastic gradient descent with momentum.

use rayon::prelude::*;
use rten_simd::ops::{BitOps, FloatOps, NumOps};
use rten_simd::{Isa, SimdOp};

use super::CHUNK;
use kernels::instruction_sets::Capped;
use kernels::lanes;

/// One step of gradient descent in PyTorch's arrangement: `g += weight_decay * p`,
/// `v = momentum * v + g`, `p -= learning_rate * v` (Sutskever et al., 2013).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    /// Step size.
    pub learning_rate: f32,
    /// Decay of the velocity; 0 for plain descent.
    pub momentum: f32,
    /// Times the parameter, added to the gradient.
    pub weight_decay: f32,
    /// The gradient is multiplied by this first (clipping, averaging).
    pub gradient_scale: f32,
}

/// Updates `parameter` and its velocity. `velocity` starts as zeros and may be empty without momentum.
///
/// # Panics
/// When the lengths differ.
pub fn sgd(step: &Sgd, parameter: &mut [f32], gradient: &[f32], velocity: &mut [f32]) {
    assert_eq!(
        parameter.len(),
        gradient.len(),
        "a parameter and its gradient have one length"
    );
    if velocity.is_empty() && step.momentum == 0.0 {
        parameter
            .par_chunks_mut(CHUNK)
            .zip(gradient.par_chunks(CHUNK))
            .for_each(|(parameter, gradient)| {
                Plain {
                    step,
                    parameter,
                    gradient,
                }
                .run()
            });
        return;
    }
    assert_eq!(
        parameter.len(),
        velocity.len(),
        "a parameter and its velocity have one length"
    );
    parameter
        .par_chunks_mut(CHUNK)
        .zip(gradient.par_chunks(CHUNK))
        .zip(velocity.par_chunks_mut(CHUNK))
        .for_each(|((parameter, gradient), velocity)| {
            WithMomentum {
                step,
                parameter,
                gradient,
                velocity,
            }
            .run();
        });
}

struct Plain<'a> {
    step: &'a Sgd,
    parameter: &'a mut [f32],
    gradient: &'a [f32],
}

impl SimdOp for Plain<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let (scale, decay) = (
            ops.splat(self.step.gradient_scale),
            ops.splat(self.step.weight_decay),
        );
        let rate = ops.splat(self.step.learning_rate);
        lanes::map(
            isa,
            [self.gradient],
            [self.parameter],
            #[inline(always)]
            |[gradient], [parameter]| {
                let gradient = ops.mul_add(decay, parameter, ops.mul(gradient, scale));
                [ops.mul_sub_from(rate, gradient, parameter)]
            },
        );
    }
}

struct WithMomentum<'a> {
    step: &'a Sgd,
    parameter: &'a mut [f32],
    gradient: &'a [f32],
    velocity: &'a mut [f32],
}

impl SimdOp for WithMomentum<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let (scale, decay) = (
            ops.splat(self.step.gradient_scale),
            ops.splat(self.step.weight_decay),
        );
        let (rate, momentum) = (
            ops.splat(self.step.learning_rate),
            ops.splat(self.step.momentum),
        );
        lanes::map(
            isa,
            [self.gradient],
            [self.parameter, self.velocity],
            #[inline(always)]
            |[gradient], [parameter, velocity]| {
                let gradient = ops.mul_add(decay, parameter, ops.mul(gradient, scale));
                let velocity = ops.mul_add(momentum, velocity, gradient);
                [ops.mul_sub_from(rate, velocity, parameter), velocity]
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::testing::{assert_close, random, under_each_cap, wide};

    #[test]
    fn follows_the_equations() {
        under_each_cap(follow_the_equations);
    }

    fn follow_the_equations() {
        let length = 40_003;
        for momentum in [0.0, 0.9] {
            let step = Sgd {
                learning_rate: 0.1,
                momentum,
                weight_decay: 0.01,
                gradient_scale: 2.0,
            };
            let mut parameter = random(length, 1);
            let mut velocity = vec![0.0; if momentum == 0.0 { 0 } else { length }];
            let mut expected = wide(&parameter);
            let mut speed = vec![0.0; length];
            for round in 0..3 {
                let gradient = random(length, round + 2);
                sgd(&step, &mut parameter, &gradient, &mut velocity);
                for i in 0..length {
                    let g = 2.0 * f64::from(gradient[i]) + f64::from(0.01f32) * expected[i];
                    speed[i] = f64::from(momentum) * speed[i] + g;
                    expected[i] -= f64::from(0.1f32) * speed[i];
                }
            }
            assert_close("parameter", &parameter, &expected, 1e-5);
        }
    }
}
