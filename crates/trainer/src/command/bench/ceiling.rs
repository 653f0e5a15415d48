//! The rate of one large matrix product: what no update can exceed.

use std::time::Instant;

use kernels::matmul::{Matrix, matmul};

/// Rows and columns of the product.
const SIZE: usize = 1024;

/// How often it is tried; the best counts.
const TRIES: usize = 30;

/// Floating-point operations a second of a product of two square matrices of 1,024 rows on all threads,
/// the best of thirty. Neither side is packed beforehand: what other libraries call a matrix product
/// includes that.
pub(super) fn matmul_rate() -> f64 {
    let values = |seed: usize| -> Vec<f32> {
        (0..SIZE * SIZE)
            .map(|place| ((place * 31 + seed) % 101) as f32 / 101.0 - 0.5)
            .collect()
    };
    let (a, b) = (values(1), values(7));
    let mut out = vec![0.0; SIZE * SIZE];
    let best = (0..TRIES)
        .map(|_| {
            let (a, b) = (Matrix::new(&a, SIZE, SIZE), Matrix::new(&b, SIZE, SIZE));
            let begun = Instant::now();
            matmul(a, b, &mut out, false);
            begun.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    2.0 * (SIZE * SIZE * SIZE) as f64 / best
}
