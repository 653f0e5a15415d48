//! Packed right-hand sides.

use rayon::prelude::*;

use crate::buffer::Buffer;
use crate::matmul::{Matrix, MatrixMut, Packed, column_parts, multiply, multiply_panels};

/// In which numbers weights are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// As they were trained.
    #[default]
    Full,
}

/// How a model's weights are packed.
#[derive(Clone, Copy, Debug)]
pub struct Packing {
    /// In which numbers.
    pub precision: Precision,
    /// Whether no step has more than a few rows (about eight), so that the fewest bytes are the fastest.
    pub few_rows: bool,
    /// How many threads work together.
    pub threads: usize,
}

/// Into how many parts the columns of a product are cut at most: each part packs the left-hand side.
const MOST_PARTS: usize = 8;

/// Fewer rows than this are not worth a part of their own.
const FEWEST_ROWS: usize = 64;

/// A matrix that was packed once for every product of a run.
#[derive(Clone, Debug)]
pub enum Weight {
    /// In single precision.
    Full(Packed),
}

impl Weight {
    /// Packs `matrix`, `[rows, columns]`.
    pub fn new(matrix: Matrix, packing: &Packing) -> Self {
        match packing.precision {
            Precision::Full if packing.few_rows => Weight::Full(Packed::for_few_rows(matrix)),
            Precision::Full => Weight::Full(Packed::new(matrix)),
        }
    }

    /// Number of rows, the inner dimension of a product.
    pub fn rows(&self) -> usize {
        match self {
            Weight::Full(packed) => packed.rows(),
        }
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        match self {
            Weight::Full(packed) => packed.columns(),
        }
    }

    /// `out = a b`, or `out += a b`, on this thread alone; `out` is `[a.rows, columns]`.
    pub(super) fn multiply(&self, a: Matrix, out: &mut [f32], accumulate: bool) {
        match self {
            Weight::Full(packed) => multiply(a, packed, out, accumulate),
        }
    }
}

/// A weight with a bias.
#[derive(Debug)]
pub(super) struct Affine {
    weight: Weight,
    bias: Vec<f32>,
}

impl Affine {
    /// Packs `data`, `[rows, columns]`, with a bias of `columns` numbers or none.
    ///
    /// # Panics
    /// When the lengths do not agree.
    pub(super) fn new(data: &[f32], rows: usize, bias: Option<&[f32]>, packing: &Packing) -> Self {
        let columns = data.len() / rows.max(1);
        let bias = bias.map_or_else(|| vec![0.0; columns], <[f32]>::to_vec);
        assert_eq!(bias.len(), columns, "a bias has a number a column");
        Self {
            weight: Weight::new(Matrix::new(data, rows, columns), packing),
            bias,
        }
    }

    /// Number of columns.
    pub(super) fn columns(&self) -> usize {
        self.bias.len()
    }

    /// `a b + bias`, `[a's rows, columns]`, over the threads of the pool; `a` is `[.., rows]`.
    pub(super) fn apply(&self, a: &[f32]) -> Buffer {
        let count = a.len() / self.weight.rows();
        let a = Matrix::new(a, count, self.weight.rows());
        let mut out = Buffer::new(count * self.columns());
        if out.is_empty() {
            return out;
        }
        match &self.weight {
            Weight::Full(packed) => {
                let whole = MatrixMut::new(&mut out, count, self.columns());
                parts(packed, whole)
                    .into_par_iter()
                    .with_max_len(1)
                    .for_each(|(first, panels, mut out)| {
                        let start = panels.start * crate::matmul::COLUMNS;
                        let bias = &self.bias[start..start + out.columns()];
                        (0..out.rows()).for_each(|row| out.row(row).copy_from_slice(bias));
                        let a = a.some_rows(first..first + out.rows());
                        multiply_panels(a, packed, panels, out, true);
                    });
            }
        }
        out
    }
}

type Part<'a> = (usize, std::ops::Range<usize>, MatrixMut<'a>);

/// Cuts a product with `b` for the threads of the pool: by columns, so that each thread reads its own part of
/// the weights, and by rows where there are more threads. Of each part, its first row, panels, and output.
fn parts<'a>(b: &Packed, out: MatrixMut<'a>) -> Vec<Part<'a>> {
    let threads = rayon::current_num_threads().max(1);
    let columns = threads.min(MOST_PARTS);
    let rows = out.rows();
    let groups = (threads / columns).clamp(1, rows.div_ceil(FEWEST_ROWS));
    let size = rows.div_ceil(groups);
    let (mut found, mut rest) = (Vec::with_capacity(columns * groups), out);
    for first in (0..rows).step_by(size) {
        let (now, later) = rest.split_rows(size.min(rows - first));
        rest = later;
        let parts = column_parts(b, now, columns).into_iter();
        found.extend(parts.map(|(panels, out)| (first, panels, out)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::random;

    #[test]
    fn parts_change_no_bit() {
        let (rows, columns, count) = (300, 100, 70);
        let (data, a, bias) = (
            random(rows * columns, 1),
            random(count * rows, 2),
            random(columns, 3),
        );
        for few_rows in [false, true] {
            let found = [1, 3, 17].map(|threads| {
                let packing = Packing {
                    precision: Precision::Full,
                    few_rows,
                    threads,
                };
                let affine = Affine::new(&data, rows, Some(&bias), &packing);
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
                pool.build().unwrap().install(|| affine.apply(&a).to_vec())
            });
            assert_eq!(found[0], found[1]);
            assert_eq!(found[0], found[2]);
            for (place, &value) in found[0].iter().enumerate() {
                let (row, column) = (place / columns, place % columns);
                let terms = (0..rows)
                    .map(|k| f64::from(a[row * rows + k]) * f64::from(data[k * columns + column]));
                let wanted = terms.sum::<f64>() + f64::from(bias[column]);
                assert!((f64::from(value) - wanted).abs() < 1e-4);
            }
        }
    }
}
