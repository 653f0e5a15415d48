//! One thread's product of some rows by a packed right-hand side.

use std::cell::RefCell;

use rten_simd::{Isa, SimdOp};

use super::kernel::{self, COLUMNS, ROWS, Target};
use super::{Matrix, Packed};

/// Inner dimension multiplied at a time: this much of a panel stays in the first-level cache.
const DEPTH: usize = 256;

thread_local! {
    /// The packed left-hand side. Nothing that borrows it starts parallel work.
    static TILES: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Rows `first..first + count` of a matrix.
pub(super) fn rows(matrix: Matrix, first: usize, count: usize) -> Matrix {
    Matrix {
        data: &matrix.data[(first * matrix.row_stride).min(matrix.data.len())..],
        rows: count,
        ..matrix
    }
}

/// `out = a b`, or `out += a b`, on this thread alone; `out` is `[a.rows, b.columns]`.
pub(crate) fn multiply(a: Matrix, b: &Packed, out: &mut [f32], accumulate: bool) {
    debug_assert_eq!(a.columns, b.rows());
    if a.columns == 0 {
        if !accumulate {
            out.fill(0.0);
        }
        return;
    }
    let _counted = crate::profile::matmul(a.rows, a.columns, b.columns());
    TILES.with_borrow_mut(|tiles| {
        let size = a.rows.div_ceil(ROWS) * ROWS * a.columns;
        if tiles.len() < size {
            tiles.resize(size, 0.0);
        }
        pack(a, &mut tiles[..size]);
        Block {
            a: tiles[..size].as_chunks().0,
            rows: a.rows,
            b,
            out,
            accumulate,
        }
        .dispatch();
    });
}

/// Tiles of eight rows, each `[columns, ROWS]`; rows beyond the last are zero.
fn pack(a: Matrix, tiles: &mut [f32]) {
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
    b: &'a Packed,
    out: &'a mut [f32],
    accumulate: bool,
}

impl SimdOp for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (depth, stride) = (self.b.rows(), self.b.columns());
        for (panel, column) in (0..stride).step_by(COLUMNS).enumerate() {
            for from in (0..depth).step_by(DEPTH) {
                let count = DEPTH.min(depth - from);
                let b = self.b.panel(panel, from, count);
                for (tile, row) in (0..self.rows).step_by(ROWS).enumerate() {
                    let target = Target {
                        out: &mut self.out[row * stride + column..],
                        stride,
                        rows: ROWS.min(self.rows - row),
                        columns: COLUMNS.min(stride - column),
                        accumulate: self.accumulate || from > 0,
                    };
                    kernel::tile(isa, &self.a[tile * depth + from..][..count], b, target);
                }
            }
        }
    }
}
