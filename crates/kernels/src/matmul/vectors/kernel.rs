//! The register kernel: a tile of packed rows times a panel of packed columns.

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, Simd};

use crate::matmul::{COLUMNS, MatrixMut};

/// Rows of a packed tile of the left-hand side.
pub(super) const ROWS: usize = 8;

/// Where a tile of the product goes.
pub(super) struct Target<'a> {
    pub out: MatrixMut<'a>,
    /// The tile's first row.
    pub row: usize,
    /// Rows of the tile that exist, at most [`ROWS`].
    pub rows: usize,
    /// The tile's first column.
    pub column: usize,
    /// Columns of the tile that exist, at most [`COLUMNS`].
    pub columns: usize,
    /// Whether to add to what is there.
    pub accumulate: bool,
}

/// Multiplies a tile, `[depth, ROWS]`, by a panel, `[depth, COLUMNS]`.
#[inline(always)]
pub(super) fn tile<I: Isa>(isa: I, a: &[[f32; ROWS]], b: &[[f32; COLUMNS]], mut target: Target) {
    let lanes = isa.f32().len();
    let mut column = 0;
    while column < target.columns {
        // A pair of vectors by eight rows needs 19 registers; processors with short vectors often have 16.
        if lanes >= 16 || cfg!(target_arch = "aarch64") {
            match target.rows {
                1 => part::<I, 1>(isa, a, b, 0, column, &mut target),
                2 => part::<I, 2>(isa, a, b, 0, column, &mut target),
                3..=4 => part::<I, 4>(isa, a, b, 0, column, &mut target),
                5..=6 => part::<I, 6>(isa, a, b, 0, column, &mut target),
                _ => part::<I, 8>(isa, a, b, 0, column, &mut target),
            }
        } else {
            for row in [0, 4] {
                match target.rows.saturating_sub(row) {
                    0 => {}
                    1 => part::<I, 1>(isa, a, b, row, column, &mut target),
                    _ => part::<I, 4>(isa, a, b, row, column, &mut target),
                }
            }
        }
        column += 2 * lanes;
    }
}

/// Rows `row..row + R` of the tile by two vectors of columns from `column` on.
#[inline(always)]
fn part<I: Isa, const R: usize>(
    isa: I,
    a: &[[f32; ROWS]],
    b: &[[f32; COLUMNS]],
    row: usize,
    column: usize,
    target: &mut Target,
) {
    let ops = isa.f32();
    let lanes = ops.len();
    let mut low = [ops.zero(); R];
    let mut high = [ops.zero(); R];
    for (a, b) in a.iter().zip(b) {
        let b = &b[column..column + 2 * lanes];
        let first = ops.load(&b[..lanes]);
        let second = ops.load(&b[lanes..]);
        for r in 0..R {
            let x = ops.splat(a[row + r]);
            low[r] = ops.mul_add(x, first, low[r]);
            high[r] = ops.mul_add(x, second, high[r]);
        }
    }
    let whole = column + 2 * lanes <= target.columns;
    for r in 0..R {
        if row + r >= target.rows {
            break;
        }
        let out = &mut target.out.row(target.row + row + r)[target.column + column..];
        if whole {
            let out = &mut out[..2 * lanes];
            if target.accumulate {
                low[r] = ops.add(low[r], ops.load(&out[..lanes]));
                high[r] = ops.add(high[r], ops.load(&out[lanes..]));
            }
            ops.store(low[r], &mut out[..lanes]);
            ops.store(high[r], &mut out[lanes..]);
        } else {
            let out = &mut out[..target.columns - column];
            let (low, high) = (low[r].to_array(), high[r].to_array());
            for (out, &value) in out.iter_mut().zip(low.as_ref().iter().chain(high.as_ref())) {
                *out = if target.accumulate {
                    *out + value
                } else {
                    value
                };
            }
        }
    }
}
