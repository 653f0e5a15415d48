//! Packed right-hand sides.

use std::ops::Range;

use kernels::buffer::Buffer;
use kernels::fixed::Fixed;
use kernels::matmul::{self, COLUMNS, Matrix, MatrixMut, Packed};
use kernels::parallel;
use kernels::quantised::{self, Quantised};
use network::Values;
use network::tree::Linear;

/// In which numbers weights are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// As they were trained; weights that are packed for few rows in 24-bit integers with a scale for each column, where the
    /// processor is quick to read those, which changes a weight by at most 2^-24 of its column's largest.
    #[default]
    Full,
    /// In 8-bit integers with a scale for each column; what they multiply is rounded likewise.
    Int8,
}

impl Precision {
    /// As the command line names it.
    pub fn name(self) -> &'static str {
        match self {
            Precision::Full => "f32",
            Precision::Int8 => "int8",
        }
    }
}

/// How a model's weights are packed.
#[derive(Clone, Copy, Debug)]
pub struct Packing {
    /// In which numbers.
    pub precision: Precision,
    /// Whether to be fast at steps of a few rows (up to about eight), where the fewest bytes are the fastest; more rows
    /// work, but slower.
    pub few_rows: bool,
    /// How many threads work together.
    pub threads: usize,
}

/// A matrix that was packed once for every product of a run.
#[derive(Clone, Debug)]
pub struct Weight(Form);

/// In which numbers it is.
#[derive(Clone, Debug)]
enum Form {
    /// In single precision.
    Full(Packed),
    /// In 24-bit integers.
    Fixed(Fixed),
    /// In 8-bit integers.
    Int8(Quantised),
}

impl Weight {
    /// Packs `matrix`, `[rows, columns]`.
    pub fn new(matrix: Matrix, packing: &Packing) -> Self {
        Self(match packing.precision {
            Precision::Full if packing.few_rows => match Fixed::new(matrix) {
                Some(fixed) => Form::Fixed(fixed),
                None => Form::Full(Packed::for_few_rows(matrix)),
            },
            Precision::Full => Form::Full(Packed::new(matrix)),
            Precision::Int8 => Form::Int8(Quantised::new(matrix)),
        })
    }

    /// Number of rows, the inner dimension of a product.
    pub fn rows(&self) -> usize {
        match &self.0 {
            Form::Full(packed) => packed.rows(),
            Form::Fixed(fixed) => fixed.rows(),
            Form::Int8(quantised) => quantised.rows(),
        }
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        match &self.0 {
            Form::Full(packed) => packed.columns(),
            Form::Fixed(fixed) => fixed.columns(),
            Form::Int8(quantised) => quantised.columns(),
        }
    }

    /// Packs `a`, `[rows, rows of this weight]`, for products with this weight and others like it.
    pub(super) fn left<'a>(&self, a: &'a [f32]) -> Left<'a> {
        let a = Matrix::new(a, a.len() / self.rows(), self.rows());
        match &self.0 {
            Form::Full(packed) => Left::Full(matmul::Left::new(a, packed)),
            Form::Fixed(_) => Left::Plain(a),
            Form::Int8(_) => Left::Int8(quantised::Left::new(a)),
        }
    }

    /// As [`Weight::left`], on this thread alone.
    pub(super) fn left_alone<'a>(&self, a: &'a [f32]) -> Left<'a> {
        let a = Matrix::new(a, a.len() / self.rows(), self.rows());
        match &self.0 {
            Form::Full(packed) => Left::Full(matmul::Left::alone(a, packed)),
            Form::Fixed(_) => Left::Plain(a),
            Form::Int8(_) => Left::Int8(quantised::Left::alone(a)),
        }
    }

    /// `out = a b`, or `out += a b`, on this thread alone; `out` is `[a's rows, columns]`.
    pub(super) fn multiply(&self, a: &Left, out: &mut [f32], accumulate: bool) {
        let out = MatrixMut::new(out, a.rows(), self.columns());
        self.multiply_panels(a, 0..self.columns().div_ceil(COLUMNS), out, accumulate);
    }

    /// As [`Weight::multiply`], for some panels of [`COLUMNS`] columns; `out` has their columns.
    fn multiply_panels(&self, a: &Left, panels: Range<usize>, out: MatrixMut, accumulate: bool) {
        match (&self.0, a) {
            (Form::Full(packed), Left::Full(left)) => {
                matmul::multiply_panels(left, packed, panels, out, accumulate);
            }
            (Form::Fixed(fixed), Left::Plain(left)) => {
                fixed.multiply_panels(*left, panels, out, accumulate);
            }
            (Form::Int8(weight), Left::Int8(left)) => {
                quantised::multiply_panels(left, weight, panels, out, accumulate);
            }
            _ => unreachable!("a left-hand side is packed for weights of one kind"),
        }
    }
}

/// A packed left-hand side.
pub(super) enum Left<'a> {
    Full(matmul::Left),
    Plain(Matrix<'a>),
    Int8(quantised::Left),
}

impl Left<'_> {
    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        match self {
            Left::Full(left) => left.rows(),
            Left::Plain(left) => left.rows(),
            Left::Int8(left) => left.rows(),
        }
    }
}

/// A weight with a bias.
#[derive(Debug)]
pub(super) struct Affine {
    weight: Weight,
    bias: Vec<f32>,
    threads: usize,
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
            threads: packing.threads,
        }
    }

    /// Packs a layer from `rows` units.
    pub(super) fn of(layer: &Linear<Values>, rows: usize, packing: &Packing) -> Self {
        let bias = layer.bias.as_ref().map(|bias| &bias.data[..]);
        Self::new(&layer.weight.data, rows, bias, packing)
    }

    /// Number of columns.
    pub(super) fn columns(&self) -> usize {
        self.bias.len()
    }

    /// `a b + bias`, `[a's rows, columns]`, over the threads of the pool; `a` is `[.., rows]`.
    pub(super) fn apply(&self, a: &[f32]) -> Buffer {
        let left = self.weight.left(a);
        let mut out = Buffer::new(left.rows() * self.columns());
        if out.is_empty() {
            return out;
        }
        let columns = self.columns();
        let panels = columns.div_ceil(COLUMNS);
        let each = panels.div_ceil(self.threads);
        let ranges = (0..panels)
            .step_by(each)
            .map(|first| first..panels.min(first + each));
        let widths = ranges
            .clone()
            .map(|range| columns.min(range.end * COLUMNS) - range.start * COLUMNS);
        let parts = MatrixMut::new(&mut out, left.rows(), columns).columns_of(widths);
        parallel::each(ranges.zip(parts).collect(), |(panels, mut out)| {
            let start = panels.start * COLUMNS;
            let bias = &self.bias[start..start + out.columns()];
            (0..out.rows()).for_each(|row| out.row(row).copy_from_slice(bias));
            self.weight.multiply_panels(&left, panels, out, true);
        });
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::testing::random;

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
