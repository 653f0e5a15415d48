//! Attention of one row over its sentence.

use rten_simd::ops::{BitOps, FloatOps, MaskOps, NumOps};
use rten_simd::{Isa, SimdOp, SimdUnaryOp};
use rten_vecmath::{Exp, Tanh};

use kernels::lanes;
use kernels::window::Bell;

/// Keys and queries beyond this are not kept as exponentials: products of four could overflow.
const LIMIT: f32 = 10.5;

/// How a row's query is compared with its sentence's keys.
#[derive(Clone, Copy)]
pub(super) enum Compare<'a> {
    /// `vector . tanh(key + query)`.
    Additive(&'a [f32]),
    /// The same, less a number that all positions share, from keys and queries that are `exp(2 x)` already:
    /// `tanh(k + q) = 1 - 2 / (1 + exp(2 k) exp(2 q))`.
    Exponential(&'a [f32]),
    /// `scale * query . key`.
    Multiplicative(f32),
    /// `vector . tanh(key + query + sum coverage)`, with the sum of the weights that the position had before
    /// (See et al., 2017, equation 11).
    Covered {
        vector: &'a [f32],
        coverage: &'a [f32],
        /// `[n]`
        sums: &'a [f32],
    },
}

/// The weights are the softmax of the energies, perhaps times a bell; the context is the weighted sum of the values.
pub(super) struct Attend<'a> {
    pub compare: Compare<'a>,
    pub bell: Option<Bell>,
    /// `[n, A]`
    pub keys: &'a [f32],
    /// `[n, width of the context]`
    pub values: &'a [f32],
    /// `[A]`
    pub query: &'a [f32],
    /// `[n]`, written.
    pub weights: &'a mut [f32],
    /// Added to.
    pub context: &'a mut [f32],
}

impl SimdOp for Attend<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let Self {
            compare,
            bell,
            keys,
            values,
            query,
            weights,
            context,
        } = self;
        let mut largest = f32::NEG_INFINITY;
        let pairs = weights.iter_mut().zip(keys.chunks_exact(query.len()));
        for (position, (energy, key)) in pairs.enumerate() {
            *energy = match compare {
                Compare::Additive(vector) => lanes::sum(
                    isa,
                    [key, query, vector],
                    #[inline(always)]
                    |[k, q, v]| ops.mul(v, Tanh::apply(isa, ops.add(k, q))),
                ),
                Compare::Exponential(vector) => -2.0 * quotients(isa, key, query, vector),
                Compare::Multiplicative(scale) => scale * lanes::Dot(key, query).eval(isa),
                Compare::Covered {
                    vector,
                    coverage,
                    sums,
                } => {
                    let sum = ops.splat(sums[position]);
                    lanes::sum(
                        isa,
                        [key, query, vector, coverage],
                        #[inline(always)]
                        |[k, q, v, c]| {
                            let argument = ops.mul_add(sum, c, ops.add(k, q));
                            ops.mul(v, Tanh::apply(isa, argument))
                        },
                    )
                }
            };
            largest = largest.max(*energy);
        }
        let mut total = 0.0;
        for weight in weights.iter_mut() {
            *weight = (*weight - largest).exp();
            total += *weight;
        }
        let width = context.len();
        let pairs = weights.iter_mut().zip(values.chunks_exact(width));
        for (position, (weight, value)) in pairs.enumerate() {
            *weight /= total;
            if let Some(bell) = bell {
                *weight *= bell.at(position);
            }
            lanes::AddScaled {
                scale: *weight,
                input: value,
                output: context,
            }
            .eval(isa);
        }
    }
}

/// The sum of `v / (1 + k q)`. Two quotients share a division, which is the slowest operation here:
/// `a / x + b / y = (a y + b x) / (x y)`.
#[inline(always)]
fn quotients<I: Isa>(isa: I, keys: &[f32], query: &[f32], vector: &[f32]) -> f32 {
    let ops = isa.f32();
    let lanes = ops.len();
    let mut sums = [ops.zero(); 2];
    let width = 4 * lanes;
    let whole = vector.len() - vector.len() % width;
    for start in (0..whole).step_by(width) {
        for (half, sum) in sums.iter_mut().enumerate() {
            let at = start + 2 * half * lanes;
            let lists = [keys, query, vector];
            let (a, x) = quotient(isa, lists, at);
            let (b, y) = quotient(isa, lists, at + lanes);
            let both = ops.div(ops.mul_add(a, y, ops.mul(b, x)), ops.mul(x, y));
            *sum = ops.add(*sum, both);
        }
    }
    let rest = lanes::sum(
        isa,
        [&keys[whole..], &query[whole..], &vector[whole..]],
        #[inline(always)]
        |[k, q, v]| ops.div(v, ops.mul_add(k, q, ops.one())),
    );
    ops.sum(ops.add(sums[0], sums[1])) + rest
}

/// `v` and `1 + k q` of the vectors at a place of the lists `k`, `q` and `v`.
#[inline(always)]
fn quotient<I: Isa>(isa: I, [keys, query, vector]: [&[f32]; 3], at: usize) -> (I::F32, I::F32) {
    let ops = isa.f32();
    let of = at..at + ops.len();
    let (k, q) = (ops.load(&keys[of.clone()]), ops.load(&query[of.clone()]));
    (ops.load(&vector[of]), ops.mul_add(k, q, ops.one()))
}

/// `values = exp(2 values)`, in place, where no number is beyond [`LIMIT`]; else they are left alone.
/// Says whether they were changed.
pub(super) struct Exponentiate<'a>(pub &'a mut [f32]);

impl SimdOp for Exponentiate<'_> {
    type Output = bool;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> bool {
        let (ops, masks) = (isa.f32(), isa.m32());
        let values = self.0;
        let limit = ops.splat(LIMIT);
        let lanes = ops.len();
        for vector in values.chunks(lanes) {
            let x = ops.load_pad(vector).0;
            if !masks.all(ops.le(ops.abs(x), limit)) {
                return false;
            }
        }
        lanes::map(
            isa,
            [],
            [values],
            #[inline(always)]
            |[], [x]| [Exp::apply(isa, ops.add(x, x))],
        );
        true
    }
}
