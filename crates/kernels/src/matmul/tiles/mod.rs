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

use std::cell::RefCell;
use std::ops::Range;

use super::{COLUMNS, Matrix, MatrixMut};
use crate::amx::Amx;
use crate::buffer::Buffer;
use product::{LEFT, blocks};
use split::{DEPTH, PAIRS, ROWS, across, along, transpose};

/// Inner dimension multiplied at a time: what is packed of the left-hand side stays in the second-level
/// cache.
const CHUNK: usize = 1024;

thread_local! {
    /// The packed left-hand side. Nothing that borrows it starts parallel work.
    static LEFT_TILES: RefCell<Buffer<u32>> = RefCell::new(Buffer::new(0));
}

/// The tiles, where this processor's can do such products.
pub(super) fn supported() -> Option<Amx> {
    Amx::get().filter(|amx| amx.bfloat16)
}

/// `out = a b`, or `out += a b`, on this thread alone, for some panels of `b`; `out` has their columns.
pub(super) fn multiply(
    amx: Amx,
    a: Matrix,
    b: &TilePanels,
    panels: Range<usize>,
    mut out: MatrixMut,
    accumulate: bool,
) {
    LEFT_TILES.with_borrow_mut(|tiles| {
        for from in (0..a.columns).step_by(CHUNK) {
            let count = CHUNK.min(a.columns - from);
            let part = a.some_columns(from..from + count);
            let blocks = blocks(count);
            let size = a.rows.div_ceil(ROWS) * blocks * LEFT;
            if tiles.len() < size {
                *tiles = Buffer::new(size);
            }
            // SAFETY: tiles are supported only where these vectors are, see `Amx::get`.
            unsafe { pack(part, &mut tiles[..size]) };
            amx.with_tiles(|| {
                for (place, panel) in panels.clone().enumerate() {
                    let right = b.panel(panel, from, count);
                    let (_, columns) = out.lend().split_columns(place * COLUMNS);
                    let width = COLUMNS.min(columns.columns());
                    let (columns, _) = columns.split_columns(width);
                    let mut rest = columns;
                    for left in tiles[..size].chunks(2 * blocks * LEFT) {
                        let rows = rest.rows().min(2 * ROWS);
                        let (now, later) = rest.split_rows(rows);
                        rest = later;
                        // SAFETY: the tile registers are set up.
                        unsafe { product::multiply(left, right, now, accumulate || from > 0) };
                    }
                }
            });
        }
    });
}

/// Tiles of sixteen rows, for every 32 columns those of the three pieces.
#[target_feature(enable = "avx512f,avx512bw")]
fn pack(a: Matrix, tiles: &mut [u32]) {
    let blocks = blocks(a.columns);
    for (index, tiles) in tiles.chunks_exact_mut(blocks * LEFT).enumerate() {
        let first = index * ROWS;
        let part = a.some_rows(first..a.rows.min(first + ROWS));
        for (block, tile) in tiles.chunks_exact_mut(LEFT).enumerate() {
            let first = block * DEPTH;
            let part = part.some_columns(first..a.columns.min(first + DEPTH));
            if part.column_stride == 1 {
                along(
                    part.data,
                    part.row_stride,
                    part.rows,
                    part.columns,
                    tile,
                    PAIRS,
                );
            } else {
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
}
