//! Attention of one query over one sentence's memory, forward and backward.
//!
//! `n` is the sentence's real length, `A` the numbers of a key, `M` of a memory vector; with several heads those of one
//! head.

use rten_simd::ops::{BitOps, FloatOps, NumOps};
use rten_simd::{Isa, SimdOp, SimdUnaryOp};
use rten_vecmath::Tanh;

use crate::attention::window::Bell;
use kernels::lanes;
use network::Energy;

/// One sentence as a query sees it. `n` is its real length.
#[derive(Clone, Copy)]
pub struct Sentence<'a, E = Compared<'a>> {
    /// How the query is compared with keys.
    pub energy: E,
    /// `[n, A]`
    pub keys: &'a [f32],
    /// `[n, M]`
    pub memory: &'a [f32],
    /// Gaussian factor of the weights.
    pub bell: Option<Bell>,
}

/// The energies of one query with the keys of one sentence.
pub trait RowEnergy: Copy {
    /// The energy of `query` with `key`, both `[A]`, which lies at `position`.
    fn at<I: Isa>(&self, isa: I, position: usize, key: &[f32], query: &[f32]) -> f32;
}

/// An energy with its coverage.
#[derive(Clone, Copy)]
pub struct Compared<'a> {
    /// How query and key make an energy.
    pub energy: Energy<&'a [f32]>,
    /// How much attention each position had before; additive energies only.
    pub coverage: Option<Coverage<'a>>,
}

/// `c_s w` for the position `s`, in the tangent of an additive energy (See et al., 2017, equation 11).
#[derive(Clone, Copy)]
pub struct Coverage<'a> {
    /// `c`, `[n]`: the sums of the weights before.
    pub sums: &'a [f32],
    /// `w`, `[A]`
    pub vector: &'a [f32],
}

impl RowEnergy for Compared<'_> {
    #[inline(always)]
    fn at<I: Isa>(&self, isa: I, position: usize, key: &[f32], query: &[f32]) -> f32 {
        let ops = isa.f32();
        match (self.energy, self.coverage) {
            (Energy::Additive(vector), None) => lanes::sum(
                isa,
                [key, query, vector],
                #[inline(always)]
                |[k, q, v]| ops.mul(v, Tanh::apply(isa, ops.add(k, q))),
            ),
            (Energy::Additive(vector), Some(coverage)) => {
                let sum = ops.splat(coverage.sums[position]);
                lanes::sum(
                    isa,
                    [key, query, vector, coverage.vector],
                    #[inline(always)]
                    |[k, q, v, w]| {
                        let argument = ops.mul_add(sum, w, ops.add(k, q));
                        ops.mul(v, Tanh::apply(isa, argument))
                    },
                )
            }
            (Energy::Multiplicative(scale), _) => scale * lanes::Dot(key, query).eval(isa),
        }
    }
}

/// Weights are the softmax of the energies, perhaps times a bell; the context is the weighted sum of the memory.
pub struct Attend<'a, E = Compared<'a>> {
    /// Sentence that is queried.
    pub sentence: Sentence<'a, E>,
    /// `[A]`, with its bias.
    pub query: &'a [f32],
    /// `[n]`, written.
    pub weights: &'a mut [f32],
    /// `[M]`, added to.
    pub context: &'a mut [f32],
}

impl<E: RowEnergy> SimdOp for Attend<'_, E> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let Sentence {
            energy,
            keys,
            memory,
            bell,
        } = self.sentence;
        let mut largest = f32::NEG_INFINITY;
        let keys = keys.chunks_exact(self.query.len());
        for (position, (found, key)) in self.weights.iter_mut().zip(keys).enumerate() {
            *found = energy.at(isa, position, key, self.query);
            largest = largest.max(*found);
        }
        let mut total = 0.0;
        for weight in self.weights.iter_mut() {
            *weight = (*weight - largest).exp();
            total += *weight;
        }
        let vectors = memory.chunks_exact(self.context.len()).enumerate();
        for (weight, (position, vector)) in self.weights.iter_mut().zip(vectors) {
            *weight /= total;
            if let Some(bell) = bell {
                *weight *= bell.at(position);
            }
            lanes::AddScaled {
                scale: *weight,
                input: vector,
                output: self.context,
            }
            .eval(isa);
        }
    }
}

/// The gradients of [`Attend`]; every output is added to. Gives that of the bell's center.
pub struct AttendBackward<'a> {
    /// The sentence that was asked.
    pub sentence: Sentence<'a>,
    /// `[A]`, with its bias.
    pub query: &'a [f32],
    /// `[n]`
    pub weights: &'a [f32],
    /// `[M]`
    pub grad_context: &'a [f32],
    /// `[n]`: what is known of the weights' gradients beside that of the context; replaced.
    pub grad_weights: &'a mut [f32],
    /// `[n, A]`
    pub grad_keys: &'a mut [f32],
    /// `[n, M]`
    pub grad_memory: &'a mut [f32],
    /// `[A]`
    pub grad_query: &'a mut [f32],
    /// `[A]` for the additive energy, else empty.
    pub grad_vector: &'a mut [f32],
    /// Of the sums, `[n]`, with coverage.
    pub grad_sums: &'a mut [f32],
    /// Of what they are multiplied by, `[A]`, with coverage.
    pub grad_coverage: &'a mut [f32],
}

impl SimdOp for AttendBackward<'_> {
    type Output = f32;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> f32 {
        let ops = isa.f32();
        let Sentence {
            energy,
            keys,
            memory,
            bell,
        } = self.sentence;
        let (mut mean, mut grad_center) = (0.0, 0.0);
        let width = self.grad_context.len();
        for (position, (((grad, vector), grad_vector), &weight)) in self
            .grad_weights
            .iter_mut()
            .zip(memory.chunks_exact(width))
            .zip(self.grad_memory.chunks_exact_mut(width))
            .zip(self.weights)
            .enumerate()
        {
            *grad += lanes::Dot(vector, self.grad_context).eval(isa);
            mean += weight * *grad;
            if let Some(bell) = bell {
                grad_center += weight * *grad * bell.slope(position);
            }
            lanes::AddScaled {
                scale: weight,
                input: self.grad_context,
                output: grad_vector,
            }
            .eval(isa);
        }
        let width = self.query.len();
        for (position, (((&grad, &weight), key), grad_key)) in self
            .grad_weights
            .iter()
            .zip(self.weights)
            .zip(keys.chunks_exact(width))
            .zip(self.grad_keys.chunks_exact_mut(width))
            .enumerate()
        {
            let grad_energy = match bell {
                None => weight * (grad - mean),
                // The weight before the bell is larger.
                Some(bell) => weight * (grad - mean / bell.at(position)),
            };
            match (energy.energy, energy.coverage) {
                (Energy::Additive(vector), Some(coverage)) => {
                    let grad_energy = ops.splat(grad_energy);
                    let sum = ops.splat(coverage.sums[position]);
                    lanes::map(
                        isa,
                        [key, self.query, vector, coverage.vector],
                        [
                            grad_key,
                            &mut *self.grad_query,
                            &mut *self.grad_vector,
                            &mut *self.grad_coverage,
                        ],
                        #[inline(always)]
                        |[k, q, v, w], [grad_key, grad_query, grad_vector, grad_coverage]| {
                            let argument = ops.mul_add(sum, w, ops.add(k, q));
                            let squashed = Tanh::apply(isa, argument);
                            let slope = ops.mul_sub_from(squashed, squashed, ops.one());
                            let grad = ops.mul(ops.mul(grad_energy, v), slope);
                            [
                                ops.add(grad_key, grad),
                                ops.add(grad_query, grad),
                                ops.mul_add(grad_energy, squashed, grad_vector),
                                ops.mul_add(sum, grad, grad_coverage),
                            ]
                        },
                    );
                    self.grad_sums[position] += lanes::sum(
                        isa,
                        [key, self.query, vector, coverage.vector],
                        #[inline(always)]
                        |[k, q, v, w]| {
                            let argument = ops.mul_add(sum, w, ops.add(k, q));
                            let squashed = Tanh::apply(isa, argument);
                            let slope = ops.mul_sub_from(squashed, squashed, ops.one());
                            ops.mul(ops.mul(ops.mul(grad_energy, v), slope), w)
                        },
                    );
                }
                (Energy::Additive(vector), None) => {
                    let grad_energy = ops.splat(grad_energy);
                    lanes::map(
                        isa,
                        [key, self.query, vector],
                        [grad_key, &mut *self.grad_query, &mut *self.grad_vector],
                        #[inline(always)]
                        |[k, q, v], [grad_key, grad_query, grad_vector]| {
                            let squashed = Tanh::apply(isa, ops.add(k, q));
                            let slope = ops.mul_sub_from(squashed, squashed, ops.one());
                            let grad = ops.mul(ops.mul(grad_energy, v), slope);
                            [
                                ops.add(grad_key, grad),
                                ops.add(grad_query, grad),
                                ops.mul_add(grad_energy, squashed, grad_vector),
                            ]
                        },
                    );
                }
                (Energy::Multiplicative(scale), _) => {
                    let grad = ops.splat(grad_energy * scale);
                    lanes::map(
                        isa,
                        [key, self.query],
                        [grad_key, &mut *self.grad_query],
                        #[inline(always)]
                        |[k, q], [grad_key, grad_query]| {
                            [
                                ops.mul_add(grad, q, grad_key),
                                ops.mul_add(grad, k, grad_query),
                            ]
                        },
                    );
                }
            }
        }
        grad_center
    }
}
