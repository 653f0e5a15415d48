//! Weights of 24 bits, for products with a few rows: such a product takes as long as its weights take to be
//! read, and these are a quarter fewer bytes than those of single precision.
//!
//! A weight is `scale[column] * integer` with an integer of 24 bits; the largest magnitude of a column becomes
//! 2^23 - 1. So a weight is off by at most 2^-24 of its column's largest, which is what single precision
//! leaves open in a number of that size and less than the rounding of a sum of such products. Activations and
//! sums are of single precision.

#[cfg(target_arch = "x86_64")]
mod x86;

use std::ops::Range;

use crate::matmul::{COLUMNS, Matrix, MatrixMut};
use crate::parallel;

/// Bytes of an integer.
const BYTES: usize = 3;

/// Integer that stands for the largest magnitude of a column, 2^23 - 1.
const LARGEST: f64 = 8_388_607.0;

/// A column whose largest magnitude is below this counts as zero, for its scale would be too small a number.
const TINY: f32 = 1e-30;

/// A line of the caches. Two rows of a panel are three lines.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// Lines of two rows of a panel.
const PAIR: usize = 2 * COLUMNS * BYTES / size_of::<Line>();

/// A matrix of 24-bit integers with a scale for each column, packed once for many products: panels of
/// [`COLUMNS`] columns, each with its rows one after another, the least byte of an integer first.
#[derive(Clone, Debug)]
pub struct Fixed {
    lines: Vec<Line>,
    scales: Vec<[f32; COLUMNS]>,
    rows: usize,
    columns: usize,
    path: Path,
}

/// Which instructions multiply.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Path {
    #[cfg(target_arch = "x86_64")]
    X86(x86::Extension),
}

impl Path {
    /// Those that this processor has and the cap allows, the fastest last.
    fn all() -> Vec<Self> {
        #[cfg(target_arch = "x86_64")]
        return x86::all().into_iter().map(Path::X86).collect();
        #[cfg(not(target_arch = "x86_64"))]
        return Vec::new();
    }
}

impl Fixed {
    /// Packs `matrix`, `[rows, columns]`, over the threads of the pool, where the processor is quick to read
    /// it. A column with a number that is not finite gives NaN.
    pub fn new(matrix: Matrix) -> Option<Self> {
        Path::all().pop().map(|path| Self::on(path, matrix))
    }

    fn on(path: Path, matrix: Matrix) -> Self {
        let (rows, columns) = (matrix.rows(), matrix.columns());
        let panels = columns.div_ceil(COLUMNS);
        let each = rows.div_ceil(2) * PAIR;
        let mut lines = vec![Line([0; 64]); panels * each];
        let mut scales = vec![[0.0; COLUMNS]; panels];
        // Without rows there are no lines to walk along.
        let parts = lines.chunks_mut(each.max(1)).zip(&mut scales).enumerate();
        parallel::each(parts.collect(), |(panel, (lines, scales))| {
            let first = panel * COLUMNS;
            let part = matrix.some_columns(first..columns.min(first + COLUMNS));
            pack(part, lines, scales);
        });
        Self {
            lines,
            scales,
            rows,
            columns,
            path,
        }
    }

    /// Number of rows, the inner dimension of a product.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// `out = a b`, or `out += a b`, on this thread alone, for some panels; `out` has their columns.
    ///
    /// # Panics
    /// When the shapes do not agree, or the numbers of a row of `a` do not lie side by side.
    pub fn multiply_panels(
        &self,
        a: Matrix,
        panels: Range<usize>,
        mut out: MatrixMut,
        accumulate: bool,
    ) {
        assert_eq!(
            (a.columns(), a.rows()),
            (self.rows, out.rows()),
            "the dimensions of a product must agree"
        );
        assert_eq!(a.column_stride, 1, "the numbers of a row lie side by side");
        let each = self.rows.div_ceil(2) * PAIR;
        let columns = out.columns();
        let mut sums = [[0.0; COLUMNS]; MOST];
        for (panel, column) in panels.zip((0..columns).step_by(COLUMNS)) {
            let width = COLUMNS.min(columns - column);
            let lines = &self.lines[panel * each..][..each];
            let mut row = 0;
            while row < a.rows() {
                let count = self.path.multiply(a, row, lines, &mut sums);
                for (place, sums) in sums[..count].iter().enumerate() {
                    let out = &mut out.row(row + place)[column..column + width];
                    put(sums, &self.scales[panel], out, accumulate);
                }
                row += count;
            }
        }
    }
}

/// Most rows that are multiplied at once.
const MOST: usize = 8;

impl Path {
    /// The products of the integers of a panel with some rows of `a` from `first` on; says how many.
    #[cfg_attr(not(target_arch = "x86_64"), allow(unused_variables))]
    #[inline(always)]
    fn multiply(
        self,
        a: Matrix,
        first: usize,
        lines: &[Line],
        sums: &mut [[f32; COLUMNS]; MOST],
    ) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Path::X86(extension) => extension.multiply(a, first, lines, sums),
        }
    }
}

#[inline(always)]
fn put(sums: &[f32; COLUMNS], scales: &[f32; COLUMNS], out: &mut [f32], accumulate: bool) {
    let values = sums.iter().zip(scales).map(|(sum, scale)| sum * scale);
    if accumulate {
        out.iter_mut().zip(values).for_each(|(out, x)| *out += x);
    } else {
        out.iter_mut().zip(values).for_each(|(out, x)| *out = x);
    }
}

/// Packs a panel. An integer is read as the upper three of four bytes, and the scale makes up for it.
fn pack(matrix: Matrix, lines: &mut [Line], scales: &mut [f32; COLUMNS]) {
    let at = |row: usize, column: usize| {
        matrix.data[row * matrix.row_stride + column * matrix.column_stride]
    };
    let mut inverses = [0.0; COLUMNS];
    let mut largest = [0.0_f32; COLUMNS];
    for row in 0..matrix.rows() {
        for (column, largest) in largest[..matrix.columns()].iter_mut().enumerate() {
            let size = at(row, column).abs();
            // Once it is not finite, it stays so.
            if size.is_finite() && !largest.is_nan() {
                *largest = largest.max(size);
            } else {
                *largest = f32::NAN;
            }
        }
    }
    for ((scale, inverse), largest) in scales.iter_mut().zip(&mut inverses).zip(largest) {
        if largest.is_nan() {
            *scale = f32::NAN;
        } else if largest >= TINY {
            *scale = (f64::from(largest) / (256.0 * LARGEST)) as f32;
            *inverse = LARGEST / f64::from(largest);
        }
    }
    let mut bytes = lines.iter_mut().flat_map(|line| &mut line.0);
    for row in 0..matrix.rows() {
        for (column, inverse) in inverses.iter().enumerate() {
            let integer = match column < matrix.columns() && *inverse > 0.0 {
                true => (f64::from(at(row, column)) * inverse).round_ties_even() as i32,
                false => 0,
            };
            let places = bytes.by_ref().take(BYTES);
            places
                .zip(integer.to_le_bytes())
                .for_each(|(place, byte)| *place = byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::random;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn products_are_those_of_the_weights(
            rows in 1usize..20,
            inner in 1usize..70,
            columns in 1usize..100,
            accumulate: bool,
            seed: u64,
        ) {
            let (a, b) = (random(rows * inner, seed), random(inner * columns, seed ^ 1));
            for path in Path::all() {
                let fixed = Fixed::on(path, Matrix::new(&b, inner, columns));
                let mut out = vec![1.0; rows * columns];
                let panels = columns.div_ceil(COLUMNS);
                let whole = MatrixMut::new(&mut out, rows, columns);
                fixed.multiply_panels(Matrix::new(&a, rows, inner), 0..panels, whole, accumulate);
                for (place, &found) in out.iter().enumerate() {
                    let (row, column) = (place / columns, place % columns);
                    let terms = (0..inner)
                        .map(|k| f64::from(a[row * inner + k]) * f64::from(b[k * columns + column]));
                    let wanted = terms.clone().sum::<f64>() + f64::from(u8::from(accumulate));
                    let sizes = 1.0 + terms.map(f64::abs).sum::<f64>();
                    let error = (f64::from(found) - wanted).abs();
                    prop_assert!(error < 5e-7 * sizes, "{found} {wanted}");
                }
                // No row's product depends on the rows beside it.
                let mut alone = vec![0.0; columns];
                for row in 0..rows {
                    alone.fill(1.0);
                    let whole = MatrixMut::new(&mut alone, 1, columns);
                    let a = Matrix::new(&a[row * inner..(row + 1) * inner], 1, inner);
                    fixed.multiply_panels(a, 0..panels, whole, accumulate);
                    prop_assert_eq!(&alone[..], &out[row * columns..(row + 1) * columns]);
                }
            }
        }
    }

    #[test]
    fn integers_are_the_nearest_and_the_extremes_fit() {
        let b = [1.0, -4.0, 0.5, 4.0, f32::INFINITY, 0.0, 1e-35, 1.0, 0.0];
        let b: Vec<f32> = b.iter().flat_map(|&x| [x, -x / 3.0]).collect();
        for path in Path::all() {
            // Columns 0 to 8, each with two rows.
            let matrix = Matrix::new(&b, 9, 2).transposed();
            let fixed = Fixed::on(path, matrix);
            let mut out = vec![0.0; 2 * 9];
            let a = [1.0, 0.0, 0.0, 1.0];
            let whole = MatrixMut::new(&mut out, 2, 9);
            fixed.multiply_panels(Matrix::new(&a, 2, 2), 0..1, whole, false);
            for column in 0..9 {
                for row in 0..2 {
                    let (found, wanted) = (out[row * 9 + column], b[2 * column + row]);
                    let largest = b[2 * column].abs();
                    assert_eq!(found.is_nan(), !largest.is_finite());
                    if largest.is_finite() {
                        assert!((found - wanted).abs() <= 1.2e-7 * largest + 1e-34);
                    }
                }
            }
        }
    }
}
