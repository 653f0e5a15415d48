//! Element-wise passes and reductions over several slices at once, one SIMD vector at a time.

use rten_simd::Isa;
use rten_simd::Simd;
use rten_simd::SimdOp;
use rten_simd::ops::{BitOps, NumOps};

use crate::instruction_sets::Capped;
use crate::parallel;

/// Fewer numbers than this are summed by one thread.
const LEAST: usize = 1 << 16;

/// Applies `f` to corresponding vectors of `inputs` and `outputs` and stores what it returns in
/// `outputs`. `f` also receives what the outputs held, for in-place updates. All slices are cut to the
/// length of the first output; the last, partial vector is padded with zeros.
#[inline(always)]
pub fn map<I: Isa, const N: usize, const M: usize>(
    isa: I,
    inputs: [&[f32]; N],
    outputs: [&mut [f32]; M],
    f: impl Fn([I::F32; N], [I::F32; M]) -> [I::F32; M],
) {
    let ops = isa.f32();
    let lanes = ops.len();
    let width = outputs[0].len();
    let full = width - width % lanes;
    let mut start = 0;
    while start < full {
        let end = start + lanes;
        let mut x = [ops.zero(); N];
        for i in 0..N {
            x[i] = ops.load(&inputs[i][start..end]);
        }
        let mut y = [ops.zero(); M];
        for i in 0..M {
            y[i] = ops.load(&outputs[i][start..end]);
        }
        let y = f(x, y);
        for i in 0..M {
            ops.store(y[i], &mut outputs[i][start..end]);
        }
        start = end;
    }
    if full < width {
        let mut x = [ops.zero(); N];
        for i in 0..N {
            x[i] = ops.load_pad(&inputs[i][full..width]).0;
        }
        let mut y = [ops.zero(); M];
        for i in 0..M {
            y[i] = ops.load_pad(&outputs[i][full..width]).0;
        }
        let y = f(x, y);
        for i in 0..M {
            let values = y[i].to_array();
            outputs[i][full..width].copy_from_slice(&values.as_ref()[..width - full]);
        }
    }
}

/// Sums `f` over corresponding vectors of `inputs`, in a fixed order. The last, partial vector is padded
/// with zeros, so `f` of zeros must be zero. All slices are cut to the length of the first.
#[inline(always)]
pub fn sum<I: Isa, const N: usize>(
    isa: I,
    inputs: [&[f32]; N],
    f: impl Fn([I::F32; N]) -> I::F32,
) -> f32 {
    let ops = isa.f32();
    let lanes = ops.len();
    let width = inputs[0].len();
    // Four running sums hide the latency of the addition.
    let mut sums = [ops.zero(); 4];
    let full = width - width % (4 * lanes);
    let mut start = 0;
    while start < full {
        for (part, sum) in sums.iter_mut().enumerate() {
            let from = start + part * lanes;
            let mut x = [ops.zero(); N];
            for i in 0..N {
                x[i] = ops.load(&inputs[i][from..from + lanes]);
            }
            *sum = ops.add(*sum, f(x));
        }
        start += 4 * lanes;
    }
    while start < width {
        let end = (start + lanes).min(width);
        let mut x = [ops.zero(); N];
        for i in 0..N {
            x[i] = ops.load_pad(&inputs[i][start..end]).0;
        }
        sums[0] = ops.add(sums[0], f(x));
        start = end;
    }
    let low = ops.add(sums[0], sums[1]);
    let high = ops.add(sums[2], sums[3]);
    ops.sum(ops.add(low, high))
}

/// `output += scale * input`.
pub struct AddScaled<'a> {
    /// Factor of the input.
    pub scale: f32,
    /// Addend, before it is scaled.
    pub input: &'a [f32],
    /// Accumulator, updated in place.
    pub output: &'a mut [f32],
}

impl SimdOp for AddScaled<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let scale = ops.splat(self.scale);
        map(
            isa,
            [self.input],
            [self.output],
            #[inline(always)]
            |[x], [y]| [ops.mul_add(scale, x, y)],
        );
    }
}

/// The inner product of two slices.
pub struct Dot<'a>(pub &'a [f32], pub &'a [f32]);

impl SimdOp for Dot<'_> {
    type Output = f32;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> f32 {
        let ops = isa.f32();
        sum(
            isa,
            [self.0, self.1],
            #[inline(always)]
            |[x, y]| ops.mul(x, y),
        )
    }
}

/// Sums the rows of `data`, `[rows, width]`, into a vector of `width` numbers, first row first.
pub fn column_sums(data: &[f32], width: usize) -> Vec<f32> {
    let mut sums = vec![0.0; width];
    if width > 0 {
        let each = match data.len() {
            0..LEAST => width,
            _ => width.div_ceil(parallel::threads()).next_multiple_of(64),
        };
        let parts = sums.chunks_mut(each).enumerate().collect();
        parallel::each(parts, |(part, sums)| {
            for row in data.chunks_exact(width) {
                AddScaled {
                    scale: 1.0,
                    input: &row[part * each..][..sums.len()],
                    output: sums,
                }
                .run();
            }
        });
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_length_is_covered_once(values in prop::collection::vec(-2.0f32..2.0, 0..150)) {
            let ones = vec![1.0; values.len()];
            let exact: f64 = values.iter().map(|&x| f64::from(x)).sum();
            prop_assert!((f64::from(Dot(&values, &ones).run()) - exact).abs() < 1e-4);
            let mut output = ones.clone();
            AddScaled { scale: -2.0, input: &values, output: &mut output }.run();
            for (x, y) in values.iter().zip(&output) {
                prop_assert!((y - (1.0 - 2.0 * x)).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn columns_are_summed() {
        assert_eq!(column_sums(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2), [9.0, 12.0]);
        let wide: Vec<f32> = (0..200 * 700).map(|i| (i % 700) as f32).collect();
        let expected: Vec<f32> = (0..700).map(|i| 200.0 * i as f32).collect();
        assert_eq!(column_sums(&wide, 700), expected);
    }
}
