//! The Euclidean norm of a gradient.

use rayon::prelude::*;

use super::CHUNK;
use kernels::instruction_sets::Capped;
use kernels::lanes::Dot;

/// Numbers summed in single precision before the sums continue in double precision.
const RUN: usize = 1 << 11;

/// The sum of the squares of `gradient`, in an order that depends on its length alone.
pub fn squared_norm(gradient: &[f32]) -> f64 {
    let sums: Vec<f64> = gradient
        .par_chunks(CHUNK)
        .map(|chunk| {
            chunk
                .chunks(RUN)
                .map(|run| f64::from(Dot(run, run).run()))
                .sum()
        })
        .collect();
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::testing::{random, under_each_cap};

    #[test]
    fn agrees_with_double_precision() {
        for length in [0, 1, 5, 2049, 100_003] {
            let values = random(length, 1);
            let exact: f64 = values.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
            under_each_cap(|| {
                assert!(
                    (squared_norm(&values) - exact).abs() <= 1e-6 * exact,
                    "{length}"
                );
            });
        }
    }

    #[test]
    fn the_bits_do_not_depend_on_the_threads() {
        let values = random(100_003, 2);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            pool.build().unwrap().install(|| squared_norm(&values))
        };
        assert_eq!(run(1), run(1));
        assert_eq!(run(1), run(3));
    }
}
