//! Products on the tile registers of recent x86-64 processors (Intel AMX).
//!
//! Tiles multiply bfloat16 numbers only, but sixteen times as many in a cycle as vectors multiply
//! single-precision ones. So each operand is cut into three pieces (see [`split`]), and six products of
//! pieces give single precision's accuracy at a multiple of its speed (Henry, Tang and Heinecke,
//! "Leveraging the bfloat16 Artificial Intelligence Datatype For Higher-Precision Computations", 2019).
//!
//! Infinite operands give NaN, and pieces below the smallest normal number count as zero.

mod panels;
mod product;
mod split;

pub(crate) use panels::TilePanels;

use std::ops::Range;

use super::{COLUMNS, Matrix, MatrixMut};
use crate::amx::Amx;
use product::{LEFT, Operands, blocks};
use split::{DEPTH, PAIRS, ROWS, across, along, transpose};

/// Inner dimension multiplied at a time: what is read of the left-hand side stays in the second-level
/// cache.
const CHUNK: usize = 1024;

/// The tiles, where this processor's can do such products and the cap allows them.
pub(super) fn supported() -> Option<Amx> {
    Amx::get().filter(|amx| amx.bfloat16)
}

/// Words of a packed left-hand side.
pub(super) fn left_size(rows: usize, columns: usize) -> usize {
    rows.div_ceil(ROWS) * blocks(columns) * LEFT
}

/// `out = a b`, or `out += a b`, on this thread alone, for some panels of `b`; `out` has their columns, and
/// `left` is `a` after [`pack`].
pub(super) fn multiply(
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
pub(super) fn pack(a: Matrix, tiles: &mut [u32]) {
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
