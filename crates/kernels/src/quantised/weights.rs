//! The right-hand side of a product: weights quantised once, in the order in which the kernels read them.

use rayon::prelude::*;

use super::integer::{integer, magnitude, scale};
use crate::matmul::Matrix;

/// Columns of a panel.
pub(super) const COLUMNS: usize = 32;

/// Inner dimension of a slab: the panels are padded with zeros to a multiple of it.
pub(super) const STEP: usize = 64;

/// The longest inner dimension whose sums fit in 32 bits: 127 * 128 * 2^17 < 2^31.
const LONGEST: usize = 1 << 17;

/// Four rows of a panel: for each column four numbers side by side, which the processors that multiply
/// bytes sum in one step.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Group(pub [i8; 4 * COLUMNS]);

/// [`STEP`] rows of a panel.
pub(super) type Slab = [Group; STEP / 4];

/// A matrix of 8-bit integers with a scale for each column, packed once for many products: panels of 32
/// columns. The layout is the same on every processor.
#[derive(Clone, Debug)]
pub struct Quantised {
    slabs: Vec<Slab>,
    scales: Vec<[f32; COLUMNS]>,
    /// Minus 128 times the sum of each column: what adding 128 to every activation adds to a product.
    offsets: Vec<[i32; COLUMNS]>,
    rows: usize,
    columns: usize,
}

impl Quantised {
    /// Quantises `weight`, `[rows, columns]`: in each column the largest magnitude becomes 127 or -127. A
    /// column with a number that is not finite becomes zeros with the scale NaN; one whose largest
    /// magnitude is below 1e-30 becomes zeros with the scale 0.
    ///
    /// # Panics
    /// When there are more than 131,072 rows: their sums do not fit in 32 bits.
    pub fn new(weight: Matrix) -> Self {
        let at = |row, column| weight.data[row * weight.row_stride + column * weight.column_stride];
        Self::pack(weight.rows, weight.columns, |first, panel| {
            let width = COLUMNS.min(weight.columns - first);
            let mut largest = [0; COLUMNS];
            for row in 0..weight.rows {
                for (column, largest) in largest[..width].iter_mut().enumerate() {
                    *largest = magnitude(at(row, first + column)).max(*largest);
                }
            }
            let scales = largest.map(scale);
            for row in 0..weight.rows {
                for (column, &(_, inverse)) in scales[..width].iter().enumerate() {
                    if inverse > 0.0 {
                        *number(panel, row, column) =
                            integer(at(row, first + column), inverse) as i8;
                    }
                }
            }
            scales.map(|(scale, _)| scale)
        })
    }

    /// Weights as [`to_parts`](Self::to_parts) gives them: `values` is `[rows, columns]`, row-major, and
    /// `scales` is `[columns]`.
    ///
    /// # Panics
    /// When the lengths do not agree, or when there are more than 131,072 rows.
    pub fn from_parts(values: &[i8], scales: &[f32], rows: usize, columns: usize) -> Self {
        assert_eq!(
            values.len(),
            rows * columns,
            "a {rows} x {columns} matrix needs that many integers"
        );
        assert_eq!(
            scales.len(),
            columns,
            "a matrix of {columns} columns needs that many scales"
        );
        Self::pack(rows, columns, |first, panel| {
            let width = COLUMNS.min(columns - first);
            for row in 0..rows {
                let source = &values[row * columns + first..][..width];
                for (column, &value) in source.iter().enumerate() {
                    *number(panel, row, column) = value;
                }
            }
            let mut part = [0.0; COLUMNS];
            part[..width].copy_from_slice(&scales[first..first + width]);
            part
        })
    }

    /// Lays out zeros, over the threads of the pool, and lets `fill` write each panel, of which it is
    /// given the first column; it returns the scales.
    fn pack(
        rows: usize,
        columns: usize,
        fill: impl Fn(usize, &mut [Slab]) -> [f32; COLUMNS] + Sync,
    ) -> Self {
        assert!(
            rows <= LONGEST,
            "a quantised matrix has at most {LONGEST} rows, not {rows}"
        );
        let panels = columns.div_ceil(COLUMNS);
        let each = rows.div_ceil(STEP);
        let mut slabs = vec![[Group([0; 4 * COLUMNS]); STEP / 4]; panels * each];
        let mut scales = vec![[0.0; COLUMNS]; panels];
        let mut offsets = vec![[0; COLUMNS]; panels];
        // Without rows there are no slabs to walk along.
        let mut parts: Vec<&mut [Slab]> = match each {
            0 => (0..panels).map(|_| &mut [][..]).collect(),
            _ => slabs.chunks_mut(each).collect(),
        };
        parts
            .par_iter_mut()
            .zip(&mut scales)
            .zip(&mut offsets)
            .enumerate()
            .for_each(|(panel, ((slabs, scales), offsets))| {
                *scales = fill(panel * COLUMNS, slabs);
                for group in slabs.as_flattened() {
                    for (offset, values) in offsets.iter_mut().zip(group.0.as_chunks::<4>().0) {
                        *offset -= 128 * values.iter().map(|&x| i32::from(x)).sum::<i32>();
                    }
                }
            });
        Self {
            slabs,
            scales,
            offsets,
            rows,
            columns,
        }
    }

    /// The integers, `[rows, columns]`, row-major, and the scales, `[columns]`.
    pub fn to_parts(&self) -> (Vec<i8>, Vec<f32>) {
        let mut values = Vec::with_capacity(self.rows * self.columns);
        for row in 0..self.rows {
            values.extend((0..self.columns).map(|column| self.value(row, column)));
        }
        let mut scales = self.scales.as_flattened().to_vec();
        scales.truncate(self.columns);
        (values, scales)
    }

    /// The numbers that the integers stand for, `[rows, columns]`, row-major.
    pub fn dequantise(&self) -> Vec<f32> {
        let (values, scales) = self.to_parts();
        let scales = scales.iter().cycle();
        let pairs = values.iter().zip(scales);
        pairs.map(|(&x, scale)| f32::from(x) * scale).collect()
    }

    fn value(&self, row: usize, column: usize) -> i8 {
        let slab = &self.panel(column / COLUMNS)[row / STEP];
        slab[row % STEP / 4].0[column % COLUMNS * 4 + row % 4]
    }

    /// Number of rows, the inner dimension of a product.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Memory that the packed weights take, in bytes: what a product with one row reads.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.slabs[..])
            + size_of_val(&self.scales[..])
            + size_of_val(&self.offsets[..])
    }

    /// Number of panels.
    pub fn panels(&self) -> usize {
        self.scales.len()
    }

    /// The slabs of a panel.
    #[inline(always)]
    pub(super) fn panel(&self, panel: usize) -> &[Slab] {
        let each = self.rows.div_ceil(STEP);
        &self.slabs[panel * each..][..each]
    }

    /// The scales of a panel.
    #[inline(always)]
    pub(super) fn scales(&self, panel: usize) -> &[f32; COLUMNS] {
        &self.scales[panel]
    }

    /// Corrections to add to a panel's sums when the activations are 128 too large.
    #[inline(always)]
    pub(super) fn offsets(&self, panel: usize) -> &[i32; COLUMNS] {
        &self.offsets[panel]
    }
}

/// A number of a panel.
fn number(panel: &mut [Slab], row: usize, column: usize) -> &mut i8 {
    &mut panel[row / STEP][row % STEP / 4].0[4 * column + row % 4]
}
