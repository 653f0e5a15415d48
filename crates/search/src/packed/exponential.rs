//! An energy of exponentials.

use rten_simd::ops::{BitOps, FloatOps, MaskOps, NumOps};
use rten_simd::{Isa, SimdOp, SimdUnaryOp};
use rten_vecmath::Exp;

use kernels::lanes;
use operations::attention::cpu::row::RowEnergy;

/// Keys and queries beyond this are not kept as exponentials: products of four could overflow.
const LIMIT: f32 = 10.5;

/// The additive energy, less a number that all positions share, of keys and queries that are `exp(2 x)` already:
/// `tanh(k + q) = 1 - 2 / (1 + exp(2 k) exp(2 q))`.
#[derive(Clone, Copy)]
pub(super) struct Exponential<'a>(pub &'a [f32]);

impl RowEnergy for Exponential<'_> {
    #[inline(always)]
    fn at<I: Isa>(&self, isa: I, _position: usize, key: &[f32], query: &[f32]) -> f32 {
        -2.0 * quotients(isa, key, query, self.0)
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
