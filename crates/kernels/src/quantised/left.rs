//! Rows that are quantised once for several products.

use std::ops::Range;

use super::activations::Activations;
use super::block;
use super::path::Path;
use super::weights::Quantised;
use crate::matmul::{Matrix, MatrixMut};

/// A left-hand side, quantised.
#[derive(Debug)]
pub struct Left {
    activations: Activations,
    path: Path,
    rows: usize,
    columns: usize,
}

impl Left {
    /// Quantises the rows of a matrix over several threads.
    pub fn new(matrix: Matrix) -> Self {
        Self::on(matrix, true)
    }

    /// As [`Left::new`], on this thread alone.
    pub fn alone(matrix: Matrix) -> Self {
        Self::on(matrix, false)
    }

    fn on(matrix: Matrix, parallel: bool) -> Self {
        let path = Path::best();
        Self {
            activations: Activations::new(path, matrix, parallel),
            path,
            rows: matrix.rows(),
            columns: matrix.columns(),
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }
}

/// `out = a b`, or `out += a b`, on this thread alone, for some panels of `b`; `out` has their columns.
///
/// # Panics
/// When the shapes do not agree.
pub fn multiply_panels(
    a: &Left,
    b: &Quantised,
    panels: Range<usize>,
    out: MatrixMut,
    accumulate: bool,
) {
    assert_eq!(
        (a.columns, a.rows),
        (b.rows(), out.rows()),
        "the dimensions of a product must agree"
    );
    let mut rows = out.into_rows();
    block::multiply(
        a.path,
        &a.activations,
        b,
        0..a.rows,
        panels,
        &mut rows,
        accumulate,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::random;

    #[test]
    fn panels_add_up_to_the_whole_product() {
        let (rows, inner, columns) = (21, 70, 100);
        let (a, b) = (random(rows * inner, 1), random(inner * columns, 2));
        let (a, b) = (
            Matrix::new(&a, rows, inner),
            Matrix::new(&b, inner, columns),
        );
        let b = Quantised::new(b);
        let mut whole = vec![0.0; rows * columns];
        super::super::matmul(a, &b, &mut whole, false);
        for left in [Left::new(a), Left::alone(a)] {
            let mut parts = vec![0.0; rows * columns];
            let (first, second) = MatrixMut::new(&mut parts, rows, columns).split_columns(64);
            multiply_panels(&left, &b, 0..2, first, false);
            multiply_panels(&left, &b, 2..4, second, false);
            assert_eq!(parts, whole);
        }
    }
}
