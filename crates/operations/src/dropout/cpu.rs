//! Multiplication by dropout's factors: zero for a unit that is dropped, the same number for all others
//! (Srivastava et al., 2014).

use rayon::prelude::*;
use rten_simd::ops::NumOps;
use rten_simd::{Isa, SimdOp};

use kernels::instruction_sets::Capped;
use kernels::{lanes, storage};

/// Numbers that one task multiplies.
const TASK_NUMBERS: usize = 1 << 14;

/// `values`, `[T, N]`, times `factors`, `[T, N]` or, where all time steps share them, `[N]`; also the gradient
/// of `values` from that of what this function gave.
///
/// # Panics
/// When the length of `values` is no multiple of that of `factors`.
pub fn dropout(values: &[f32], factors: &[f32]) -> Vec<f32> {
    let mut out = storage::list(values.len());
    if values.is_empty() {
        return out;
    }
    let period = factors.len();
    assert!(
        period > 0 && values.len().is_multiple_of(period),
        "values is one or more steps of factors"
    );
    for (values, out) in values.chunks(period).zip(out.chunks_mut(period)) {
        out.par_chunks_mut(TASK_NUMBERS)
            .zip(values.par_chunks(TASK_NUMBERS))
            .zip(factors.par_chunks(TASK_NUMBERS))
            .for_each(|((out, values), factors)| {
                Product {
                    values,
                    factors,
                    out,
                }
                .run();
            });
    }
    out
}

/// `out = values * factors`.
pub(crate) struct Product<'a> {
    pub values: &'a [f32],
    pub factors: &'a [f32],
    pub out: &'a mut [f32],
}

impl SimdOp for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        lanes::map(
            isa,
            [self.values, self.factors],
            [self.out],
            #[inline(always)]
            |[value, factor], _| [ops.mul(value, factor)],
        );
    }
}

/// `out += values * factors`.
pub(crate) struct AddProduct<'a> {
    pub values: &'a [f32],
    pub factors: &'a [f32],
    pub out: &'a mut [f32],
}

impl SimdOp for AddProduct<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        lanes::map(
            isa,
            [self.values, self.factors],
            [self.out],
            #[inline(always)]
            |[value, factor], [out]| [ops.mul_add(value, factor, out)],
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::testing::{random, under_each_cap};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_meets_its_factor(period in 1usize..100, steps in 0usize..4) {
            let (values, factors) = (random(period * steps, 1), random(period, 2));
            let expected: Vec<f32> = values
                .iter()
                .enumerate()
                .map(|(at, value)| value * factors[at % period])
                .collect();
            under_each_cap(|| assert_eq!(dropout(&values, &factors), expected));
        }
    }
}
