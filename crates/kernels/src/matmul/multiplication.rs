//! Products as they are called: divided over threads, and handed to the kernel that both sides are packed for.

use std::ops::Range;

use super::left::{Left, Tiles};
use super::matrix::{COLUMNS, Matrix, MatrixMut};
use super::packed::{Layout, Packed};
#[cfg(target_arch = "x86_64")]
use super::tiles;
use super::vectors;
use crate::parallel;

/// Rows of the left-hand side that one task multiplies at most: what it packs of them stays in the
/// second-level cache.
const TASK_ROWS: usize = 256;

/// Numbers of the right-hand side that are packed at a time where it is packed in parts: they stay in the
/// second-level cache.
const GROUP: usize = 1 << 16;

/// Up to so many rows, a product is split by columns: then each thread reads only its own part of the
/// right-hand side.
const FEW_ROWS: usize = 256;

/// `out = a b`, or `out += a b` when `accumulate`; `out` is `[a.rows, b.columns]`, row-major.
///
/// # Panics
/// When the shapes do not agree.
pub fn matmul(a: Matrix, b: Matrix, out: &mut [f32], accumulate: bool) {
    if b.columns() > a.rows() {
        return matmul_together(vec![(a, out)], b, accumulate);
    }
    matmul_packed(a, &Packed::new(b), out, accumulate);
}

/// As [`matmul`], of several left-hand sides and their outputs. The right-hand side is never packed as a
/// whole: a thread packs a few panels, which stay in its cache until everything is multiplied by them.
///
/// # Panics
/// When the shapes do not agree.
pub fn matmul_together(products: Vec<(Matrix, &mut [f32])>, b: Matrix, accumulate: bool) {
    let panels = b.columns().div_ceil(COLUMNS);
    // Each thread gets some work.
    let most = panels.div_ceil(parallel::threads()).max(1);
    let group = COLUMNS * (GROUP / (COLUMNS * b.rows().max(1))).clamp(1, most);
    let groups = (0..b.columns()).step_by(group);
    let groups: Vec<_> = groups
        .map(|first| first..b.columns().min(first + group))
        .collect();
    let nothing = Packed::alone(b.some_columns(0..0));
    let (mut lefts, mut outs) = (Vec::new(), Vec::new());
    for (a, out) in products {
        assert_eq!(
            out.len(),
            a.rows() * b.columns(),
            "the output of a product must be [rows, columns]"
        );
        let out = MatrixMut::new(out, a.rows(), b.columns());
        outs.push(
            out.columns_of(groups.iter().map(ExactSizeIterator::len))
                .into_iter(),
        );
        lefts.push(Left::new(a, &nothing));
    }
    let parts = groups.into_iter().map(|columns| {
        let outs: Vec<_> = outs.iter_mut().map(Iterator::next).collect();
        (columns, outs)
    });
    parallel::each(parts.collect(), |(columns, outs)| {
        let packed = Packed::alone(b.some_columns(columns));
        for (left, out) in lefts.iter().zip(outs) {
            // Each output was divided in as many parts as there are groups.
            if let Some(out) = out {
                multiply_panels(left, &packed, 0..packed.panels(), out, accumulate);
            }
        }
    });
}

/// As [`matmul`], with a right-hand side that is already packed.
///
/// # Panics
/// When the shapes do not agree.
pub fn matmul_packed(a: Matrix, b: &Packed, out: &mut [f32], accumulate: bool) {
    assert_eq!(
        out.len(),
        a.rows() * b.columns(),
        "the output of a product must be [rows, columns]"
    );
    if out.is_empty() {
        return;
    }
    let threads = parallel::threads();
    if a.rows() <= FEW_ROWS && threads > 1 {
        return matmul_left(&Left::new(a, b), b, out, accumulate);
    }
    let out = MatrixMut::new(out, a.rows(), b.columns());
    let tasks = threads * a.rows().div_ceil(threads * TASK_ROWS);
    let rows = a.rows().div_ceil(tasks).next_multiple_of(32);
    let mut parts = Vec::with_capacity(tasks);
    let mut rest = out;
    for first in (0..a.rows()).step_by(rows) {
        let count = rows.min(a.rows() - first);
        let (part, later) = rest.split_rows(count);
        rest = later;
        parts.push((first, part));
    }
    parallel::each(parts, |(first, out)| {
        let part = a.some_rows(first..first + out.rows());
        multiply_panels(&Left::alone(part, b), b, 0..b.panels(), out, accumulate);
    });
}

/// As [`matmul_packed`], split by columns, with a left-hand side that is already packed too.
///
/// # Panics
/// When the shapes do not agree.
pub fn matmul_left(left: &Left, b: &Packed, out: &mut [f32], accumulate: bool) {
    let out = MatrixMut::new(out, left.rows(), b.columns());
    parallel::each(
        column_parts(b, out, parallel::threads()),
        |(panels, out)| {
            multiply_panels(left, b, panels, out, accumulate);
        },
    );
}

/// Divides the columns of a product with `b` in at most `count` parts of whole panels.
pub fn column_parts<'a>(
    b: &Packed,
    out: MatrixMut<'a>,
    count: usize,
) -> Vec<(Range<usize>, MatrixMut<'a>)> {
    let panels = b.panels();
    let each = panels.div_ceil(count.max(1)).max(1);
    let ranges = (0..panels)
        .step_by(each)
        .map(|first| first..panels.min(first + each));
    let widths = ranges
        .clone()
        .map(|range| b.columns().min(range.end * COLUMNS) - range.start * COLUMNS);
    let parts = out.columns_of(widths);
    ranges.zip(parts).collect()
}

/// `out = a b`, or `out += a b`, on this thread alone; `out` is `[a.rows, b.columns]`.
pub fn multiply(a: Matrix, b: &Packed, out: &mut [f32], accumulate: bool) {
    let out = MatrixMut::new(out, a.rows(), b.columns());
    multiply_panels(&Left::alone(a, b), b, 0..b.panels(), out, accumulate);
}

/// As [`multiply`], for some panels of `b`; `out` has their columns.
pub fn multiply_panels(
    left: &Left,
    b: &Packed,
    panels: Range<usize>,
    mut out: MatrixMut,
    accumulate: bool,
) {
    assert_eq!(
        (left.columns(), left.rows()),
        (b.rows(), out.rows()),
        "the dimensions of a product must agree"
    );
    if left.rows() == 0 {
        return;
    }
    if left.columns() == 0 {
        if !accumulate {
            (0..out.rows()).for_each(|row| out.row(row).fill(0.0));
        }
        return;
    }
    let _counted = crate::profile::matmul(left.rows(), left.columns(), out.columns());
    match (&left.tiles, &b.0) {
        (Tiles::Vectors(left), Layout::Vectors(b)) => {
            vectors::multiply(left, b, panels, out, accumulate);
        }
        #[cfg(target_arch = "x86_64")]
        (Tiles::Tiles(left), Layout::Tiles(b)) => {
            tiles::multiply(left, b, panels, out, accumulate);
        }
        #[cfg(target_arch = "x86_64")]
        _ => panic!("both sides of a product must be packed for the same kernel"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{random, under_each_cap};
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
        under_each_cap(|| check_once(m, k, n));
    }

    fn check_once(m: usize, k: usize, n: usize) {
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
