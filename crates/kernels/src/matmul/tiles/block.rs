//! One thread's product of some rows by a packed right-hand side.

use std::ops::Range;

use super::panels::TilePanels;
use super::product::{self, LEFT, Operands, blocks};
use super::split::{DEPTH, PAIRS, ROWS, across, along, transpose};
use crate::matmul::{COLUMNS, Matrix, MatrixMut};

/// Inner dimension multiplied at a time: what is read of the left-hand side stays in the second-level
/// cache.
const CHUNK: usize = 1024;

/// Words of a packed left-hand side.
pub(in crate::matmul) fn left_size(rows: usize, columns: usize) -> usize {
    rows.div_ceil(ROWS) * blocks(columns) * LEFT
}

/// `out = a b`, or `out += a b`, on this thread alone, for some panels of `b`; `out` has their columns, and
/// `left` is `a` after [`pack`].
pub(in crate::matmul) fn multiply(
    left: &[u32],
    b: &TilePanels,
    panels: Range<usize>,
    mut out: MatrixMut,
    accumulate: bool,
) {
    let size = blocks(b.rows()) * LEFT;
    b.amx().with_tiles(|| {
        for from in (0..b.rows()).step_by(CHUNK) {
            let count = CHUNK.min(b.rows() - from);
            let part = blocks(from) * LEFT..blocks(from + count) * LEFT;
            for (place, panel) in panels.clone().enumerate() {
                let right = b.panel(panel, from, count);
                let (_, columns) = out.lend().split_columns(place * COLUMNS);
                let width = COLUMNS.min(columns.columns());
                let (mut rest, _) = columns.split_columns(width);
                for left in left.chunks(2 * size) {
                    let (low, high) = left.split_at(size);
                    let high = high.get(part.clone()).unwrap_or_default();
                    let rows = rest.rows().min(2 * ROWS);
                    let (now, later) = rest.split_rows(rows);
                    rest = later;
                    let operands = Operands {
                        low: &low[part.clone()],
                        high,
                        panel: right,
                    };
                    // SAFETY: the tile registers are set up.
                    unsafe { product::multiply(operands, now, accumulate || from > 0) };
                }
            }
        }
    });
}

/// Tiles of sixteen rows, for every 32 columns those of the three pieces.
#[target_feature(enable = "avx512f,avx512bw")]
pub(in crate::matmul) fn pack(a: Matrix, tiles: &mut [u32]) {
    let blocks = blocks(a.columns);
    let part = |index: usize, block: usize| {
        let (row, column) = (index * ROWS, block * DEPTH);
        a.some_rows(row..a.rows.min(row + ROWS))
            .some_columns(column..a.columns.min(column + DEPTH))
    };
    // What lies side by side in memory is read one after the other.
    if a.column_stride == 1 {
        for (place, tile) in tiles.chunks_exact_mut(LEFT).enumerate() {
            let part = part(place / blocks, place % blocks);
            along(
                part.data,
                part.row_stride,
                part.rows,
                part.columns,
                tile,
                PAIRS,
            );
        }
        return;
    }
    for block in 0..blocks {
        for (index, tiles) in tiles.chunks_exact_mut(blocks * LEFT).enumerate() {
            let part = part(index, block);
            let tile = &mut tiles[block * LEFT..(block + 1) * LEFT];
            across(
                part.data,
                part.column_stride,
                part.columns,
                part.rows,
                tile,
                PAIRS,
            );
            for tile in tile.chunks_exact_mut(PAIRS) {
                transpose(tile);
            }
        }
    }
}
