//! One thread's product of some rows by a packed right-hand side.

use std::ops::Range;

use rten_simd::{Isa, SimdOp};

use super::Panels;
use super::kernel::{self, ROWS, Target};
use crate::instruction_sets::Capped;
use crate::matmul::{COLUMNS, Matrix, MatrixMut};

/// Inner dimension multiplied at a time: this much of a panel stays in the first-level cache.
const DEPTH: usize = 256;

/// Numbers of a packed left-hand side.
pub(in crate::matmul) fn left_size(rows: usize, columns: usize) -> usize {
    rows.div_ceil(ROWS) * ROWS * columns
}

/// `out = a b`, or `out += a b`, on this thread alone, for some panels of `b`; `out` has their columns, and
/// `left` is `a` after [`pack`].
pub(in crate::matmul) fn multiply(
    left: &[f32],
    b: &Panels,
    panels: Range<usize>,
    out: MatrixMut,
    accumulate: bool,
) {
    Block {
        a: left.as_chunks().0,
        rows: out.rows(),
        b,
        panels,
        out,
        accumulate,
    }
    .run();
}

/// Tiles of eight rows, each `[columns, ROWS]`; rows beyond the last are zero.
pub(in crate::matmul) fn pack(a: Matrix, tiles: &mut [f32]) {
    for (index, tile) in tiles.chunks_exact_mut(ROWS * a.columns).enumerate() {
        let first = index * ROWS;
        let count = ROWS.min(a.rows - first);
        let tile = tile.as_chunks_mut::<ROWS>().0;
        if count < ROWS {
            tile.fill([0.0; ROWS]);
        }
        if a.column_stride == 1 && count == ROWS {
            let mut source = [&a.data[..0]; ROWS];
            for (row, source) in source.iter_mut().enumerate() {
                *source = &a.data[(first + row) * a.row_stride..][..tile.len()];
            }
            interleave(source, tile);
        } else if a.row_stride == 1 {
            for (column, out) in tile.iter_mut().enumerate() {
                let start = column * a.column_stride + first;
                out[..count].copy_from_slice(&a.data[start..start + count]);
            }
        } else {
            for row in 0..count {
                let source = &a.data[(first + row) * a.row_stride..];
                for (out, &value) in tile.iter_mut().zip(source.iter().step_by(a.column_stride)) {
                    out[row] = value;
                }
            }
        }
    }
}

/// Eight rows to one row of eights, eight columns at a time.
fn interleave(source: [&[f32]; ROWS], tile: &mut [[f32; ROWS]]) {
    let (blocks, rest) = tile.as_chunks_mut::<ROWS>();
    let done = blocks.len() * ROWS;
    for (block, out) in blocks.iter_mut().enumerate() {
        let mut square = [[0.0; ROWS]; ROWS];
        for (values, source) in square.iter_mut().zip(source) {
            values.copy_from_slice(&source[block * ROWS..][..ROWS]);
        }
        for column in 0..ROWS {
            for row in 0..ROWS {
                out[column][row] = square[row][column];
            }
        }
    }
    for (column, out) in rest.iter_mut().enumerate() {
        for row in 0..ROWS {
            out[row] = source[row][done + column];
        }
    }
}

struct Block<'a> {
    a: &'a [[f32; ROWS]],
    rows: usize,
    b: &'a Panels,
    panels: Range<usize>,
    out: MatrixMut<'a>,
    accumulate: bool,
}

impl SimdOp for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(mut self, isa: I) {
        let (depth, columns) = (self.b.rows(), self.out.columns());
        for (panel, column) in self.panels.zip((0..columns).step_by(COLUMNS)) {
            for from in (0..depth).step_by(DEPTH) {
                let count = DEPTH.min(depth - from);
                let b = self.b.panel(panel, from, count);
                for (tile, row) in (0..self.rows).step_by(ROWS).enumerate() {
                    let target = Target {
                        out: self.out.lend(),
                        row,
                        rows: ROWS.min(self.rows - row),
                        column,
                        columns: COLUMNS.min(columns - column),
                        accumulate: self.accumulate || from > 0,
                    };
                    kernel::tile(isa, &self.a[tile * depth + from..][..count], b, target);
                }
            }
        }
    }
}
