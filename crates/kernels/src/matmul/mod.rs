//! Matrix products: one large product split over threads, and thin products with a right-hand side that
//! was packed once.
//!
//! The layering is the usual one (Goto and van de Geijn, "Anatomy of High-Performance Matrix
//! Multiplication", 2008): the right-hand side is packed in panels of 32 columns, the left-hand side in
//! tiles of 8 rows, and a register kernel multiplies a tile by a panel. The sum over the inner dimension
//! runs in the same order whatever the shape and the number of threads.

mod block;
mod kernel;
mod packed;

pub use packed::Packed;

pub(crate) use block::multiply;

use rayon::prelude::*;

/// Rows of the left-hand side that one task multiplies: its packed tiles stay in the second-level cache.
const TASK_ROWS: usize = 128;

/// A matrix in a slice, with strides.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// A row-major matrix: `data` is `[rows, columns]`.
    ///
    /// # Panics
    /// When `data` does not hold exactly `rows * columns` numbers.
    pub fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(
            data.len(),
            rows * columns,
            "a {rows} x {columns} matrix needs that many numbers"
        );
        Self {
            data,
            rows,
            columns,
            row_stride: columns,
            column_stride: 1,
        }
    }

    /// The same numbers with rows and columns exchanged; nothing moves.
    pub fn transposed(self) -> Self {
        Self {
            data: self.data,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }
}

/// `out = a b`, or `out += a b` when `accumulate`; `out` is `[a.rows, b.columns]`, row-major.
///
/// # Panics
/// When the shapes do not agree.
pub fn matmul(a: Matrix, b: Matrix, out: &mut [f32], accumulate: bool) {
    matmul_packed(a, &Packed::new(b), out, accumulate);
}

/// As [`matmul`], with a right-hand side that is already packed.
///
/// # Panics
/// When the shapes do not agree.
pub fn matmul_packed(a: Matrix, b: &Packed, out: &mut [f32], accumulate: bool) {
    assert_eq!(
        a.columns,
        b.rows(),
        "the inner dimensions of a product must agree"
    );
    assert_eq!(
        out.len(),
        a.rows * b.columns(),
        "the output of a product must be [rows, columns]"
    );
    if out.is_empty() {
        return;
    }
    let threads = rayon::current_num_threads().max(1);
    let tasks = threads * a.rows.div_ceil(threads * TASK_ROWS);
    let rows = a.rows.div_ceil(tasks).next_multiple_of(kernel::ROWS);
    out.par_chunks_mut(rows * b.columns())
        .with_max_len(1)
        .enumerate()
        .for_each(|(task, out)| {
            let part = block::rows(a, task * rows, out.len() / b.columns());
            multiply(part, b, out, accumulate);
        });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::random;
    use proptest::prelude::*;

    fn reference(a: &[f32], b: &[f32], (m, k, n): (usize, usize, usize)) -> Vec<f64> {
        let mut out = vec![0.0; m * n];
        for i in 0..m {
            for p in 0..k {
                for j in 0..n {
                    out[i * n + j] += f64::from(a[i * k + p]) * f64::from(b[p * n + j]);
                }
            }
        }
        out
    }

    fn transpose(data: &[f32], rows: usize, columns: usize) -> Vec<f32> {
        (0..rows * columns)
            .map(|i| data[i % rows * columns + i / rows])
            .collect()
    }

    fn check(m: usize, k: usize, n: usize) {
        let (a, b) = (random(m * k, 1), random(k * n, 2));
        let expected = reference(&a, &b, (m, k, n));
        let (at, bt) = (transpose(&a, m, k), transpose(&b, k, n));
        let plain = (Matrix::new(&a, m, k), Matrix::new(&b, k, n));
        let turned = (
            Matrix::new(&at, k, m).transposed(),
            Matrix::new(&bt, n, k).transposed(),
        );
        for (left, right) in [plain, (turned.0, plain.1), (plain.0, turned.1), turned] {
            let mut out = vec![9.0; m * n];
            matmul(left, right, &mut out, false);
            let mut twice = out.clone();
            matmul(left, right, &mut twice, true);
            for i in 0..m * n {
                assert!((f64::from(out[i]) - expected[i]).abs() < 1e-5 * (1.0 + k as f64).sqrt());
                assert!((twice[i] - 2.0 * out[i]).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn exact_tiles() {
        check(32, 512, 64);
    }

    #[test]
    fn no_inner_dimension_gives_zero() {
        let mut out = vec![3.0; 6];
        matmul(
            Matrix::new(&[], 2, 0),
            Matrix::new(&[], 0, 3),
            &mut out,
            false,
        );
        assert_eq!(out, [0.0; 6]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn any_shape(m in 1usize..40, k in 1usize..300, n in 1usize..80) {
            check(m, k, n);
        }
    }

    #[test]
    fn the_bits_do_not_depend_on_the_threads() {
        let (a, b) = (random(150 * 300, 1), random(300 * 70, 2));
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let mut out = vec![0.0; 150 * 70];
            pool.install(|| {
                matmul(
                    Matrix::new(&a, 150, 300),
                    Matrix::new(&b, 300, 70),
                    &mut out,
                    false,
                );
            });
            out
        };
        assert_eq!(run(1), run(3));
    }
}
