//! Adam with bias correction and decoupled weight decay.

use rayon::prelude::*;
use rten_simd::ops::{BitOps, FloatOps, NumOps};
use rten_simd::{Isa, Simd, SimdOp};

use super::CHUNK;
use kernels::instruction_sets::Capped;
use kernels::lanes;

/// One step of Adam (Kingma and Ba, 2015, algorithm 1, in PyTorch's arrangement), with the decoupled
/// weight decay of AdamW (Loshchilov and Hutter, 2019) when it is not zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// Step size.
    pub learning_rate: f32,
    /// Decay of the first moment.
    pub beta1: f32,
    /// Decay of the second moment.
    pub beta2: f32,
    /// Added to the root of the corrected second moment.
    pub epsilon: f32,
    /// The parameter is first multiplied by `1 - learning_rate * weight_decay`.
    pub weight_decay: f32,
    /// Number of this step, from 1.
    pub step: u64,
    /// The gradient is multiplied by this first (clipping, averaging).
    pub gradient_scale: f32,
}

/// Updates `parameter` and its two moments; all slices have one length.
///
/// # Panics
/// When the lengths differ.
pub fn adam(
    step: &Adam,
    parameter: &mut [f32],
    gradient: &[f32],
    first: &mut [f32],
    second: &mut [f32],
) {
    assert!(
        [gradient.len(), first.len(), second.len()]
            .iter()
            .all(|&n| n == parameter.len()),
        "a parameter, its gradient and its moments have one length"
    );
    let power = step.step.max(1) as f64;
    let bias1 = 1.0 - f64::from(step.beta1).powf(power);
    let bias2 = 1.0 - f64::from(step.beta2).powf(power);
    parameter
        .par_chunks_mut(CHUNK)
        .zip(gradient.par_chunks(CHUNK))
        .zip(first.par_chunks_mut(CHUNK))
        .zip(second.par_chunks_mut(CHUNK))
        .for_each(|(((parameter, gradient), first), second)| {
            Update {
                step,
                rate: (f64::from(step.learning_rate) / bias1) as f32,
                root: (1.0 / bias2.sqrt()) as f32,
                parameter,
                gradient,
                first,
                second,
            }
            .run();
        });
}

struct Update<'a> {
    step: &'a Adam,
    /// The learning rate over the first moment's correction.
    rate: f32,
    /// One over the root of the second moment's correction.
    root: f32,
    parameter: &'a mut [f32],
    gradient: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
}

impl SimdOp for Update<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let step = self.step;
        let keep = ops.splat(1.0 - step.learning_rate * step.weight_decay);
        let scale = ops.splat(step.gradient_scale);
        let (beta1, rest1) = (ops.splat(step.beta1), ops.splat(1.0 - step.beta1));
        let (beta2, rest2) = (ops.splat(step.beta2), ops.splat(1.0 - step.beta2));
        let (root, epsilon, rate) = (
            ops.splat(self.root),
            ops.splat(step.epsilon),
            ops.splat(self.rate),
        );
        lanes::map(
            isa,
            [self.gradient],
            [self.parameter, self.first, self.second],
            #[inline(always)]
            |[gradient], [parameter, first, second]| {
                let gradient = ops.mul(gradient, scale);
                let first = ops.mul_add(beta1, first, ops.mul(rest1, gradient));
                let squared = ops.mul(gradient, gradient);
                let second = ops.mul_add(beta2, second, ops.mul(rest2, squared));
                let spread = ops.mul_add(square_root(isa, second), root, epsilon);
                let change = ops.div(ops.mul(rate, first), spread);
                [
                    ops.mul_sub_from(change, ops.one(), ops.mul(parameter, keep)),
                    first,
                    second,
                ]
            },
        );
    }
}

/// Lane by lane: compiled where the vector's instruction set is enabled, this becomes one instruction.
#[inline(always)]
fn square_root<I: Isa>(isa: I, x: I::F32) -> I::F32 {
    let mut values = [0.0; 64];
    let array = x.to_array();
    let lanes = array.as_ref().len();
    for (value, x) in values[..lanes].iter_mut().zip(array.as_ref()) {
        *value = x.sqrt();
    }
    isa.f32().load(&values[..lanes])
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::testing::{assert_close, random, under_each_cap, wide};

    /// The equations in double precision.
    fn reference(step: &Adam, state: &mut [Vec<f64>; 3], gradient: &[f64]) {
        let (lr, b1, b2) = (
            f64::from(step.learning_rate),
            f64::from(step.beta1),
            f64::from(step.beta2),
        );
        let t = step.step as i32;
        for i in 0..gradient.len() {
            let g = gradient[i] * f64::from(step.gradient_scale);
            state[0][i] -= lr * f64::from(step.weight_decay) * state[0][i];
            state[1][i] = b1 * state[1][i] + (1.0 - b1) * g;
            state[2][i] = b2 * state[2][i] + (1.0 - b2) * g * g;
            let corrected = state[1][i] / (1.0 - b1.powi(t));
            let root = (state[2][i] / (1.0 - b2.powi(t))).sqrt();
            state[0][i] -= lr * corrected / (root + f64::from(step.epsilon));
        }
    }

    #[test]
    fn follows_the_equations_for_several_steps() {
        under_each_cap(follow_the_equations);
    }

    fn follow_the_equations() {
        for (length, weight_decay) in [(1, 0.0), (37, 0.1), (70_001, 0.0)] {
            let mut parameter = random(length, 1);
            let (mut first, mut second) = (vec![0.0; length], vec![0.0; length]);
            let mut state = [wide(&parameter), vec![0.0; length], vec![0.0; length]];
            for step in 1..=5 {
                let gradient = random(length, step + 1);
                let adam_step = Adam {
                    learning_rate: 0.01,
                    beta1: 0.9,
                    beta2: 0.999,
                    epsilon: 1e-8,
                    weight_decay,
                    step,
                    gradient_scale: 0.5,
                };
                adam(
                    &adam_step,
                    &mut parameter,
                    &gradient,
                    &mut first,
                    &mut second,
                );
                reference(&adam_step, &mut state, &wide(&gradient));
            }
            assert_close("parameter", &parameter, &state[0], 1e-5);
            assert_close("first", &first, &state[1], 1e-5);
            assert_close("second", &second, &state[2], 1e-5);
        }
    }

    #[test]
    fn the_bits_do_not_depend_on_the_threads() {
        let length = 100_003;
        let step = Adam {
            learning_rate: 0.01,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.1,
            step: 3,
            gradient_scale: 0.5,
        };
        let run = |threads| {
            let mut state = [1, 2, 3].map(|seed| random(length, seed));
            state[2].iter_mut().for_each(|x| *x = x.abs());
            let gradient = random(length, 4);
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            pool.build().unwrap().install(|| {
                let [parameter, first, second] = &mut state;
                adam(&step, parameter, &gradient, first, second);
            });
            state
        };
        assert_eq!(run(1), run(1));
        assert_eq!(run(1), run(3));
    }
}
