//! A right-hand side in tiles.

use rayon::prelude::*;

use super::split::{DEPTH, PAIRS, PIECES, across, along, transpose};
use crate::buffer::Buffer;
use crate::matmul::{COLUMNS, Matrix};

/// Words of one panel's tiles for 32 rows: three pieces of two tiles.
pub(super) const BLOCK: usize = PIECES * 2 * PAIRS;

/// A matrix packed once for many products: panels of 32 columns; in each, for every 32 rows, the tiles of
/// the first piece, of the second and of the third. Beyond the matrix's edges there are zeros.
#[derive(Clone, Debug)]
pub(crate) struct TilePanels {
    data: Buffer<u32>,
    rows: usize,
    columns: usize,
}

impl TilePanels {
    /// Packs `matrix`, `[rows, columns]`, over the threads of the pool, where the processor has tiles.
    pub fn new(matrix: Matrix) -> Self {
        let (rows, columns) = (matrix.rows, matrix.columns);
        let blocks = rows.div_ceil(DEPTH);
        let mut data = Buffer::new(columns.div_ceil(COLUMNS) * blocks * BLOCK);
        if rows > 0 {
            // A task packs at least about 32,000 numbers.
            let least = 1024usize.div_ceil(rows);
            data.par_chunks_mut(blocks * BLOCK)
                .with_min_len(least)
                .enumerate()
                .for_each(|(panel, out)| {
                    let first = panel * COLUMNS;
                    let part = matrix.some_columns(first..columns.min(first + COLUMNS));
                    for (block, out) in out.chunks_exact_mut(BLOCK).enumerate() {
                        let first = block * DEPTH;
                        let part = part.some_rows(first..rows.min(first + DEPTH));
                        // SAFETY: tiles are chosen only where these vectors are, see `Amx::get`.
                        unsafe { pack(part, out) };
                    }
                });
        }
        Self {
            data,
            rows,
            columns,
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Rows `from..from + count` of one panel; `from` is a multiple of 32.
    #[inline(always)]
    pub(super) fn panel(&self, panel: usize, from: usize, count: usize) -> &[u32] {
        let blocks = self.rows.div_ceil(DEPTH);
        let start = (panel * blocks + from / DEPTH) * BLOCK;
        &self.data[start..start + count.div_ceil(DEPTH) * BLOCK]
    }
}

/// Packs up to 32 rows by 32 columns.
#[target_feature(enable = "avx512f,avx512bw")]
fn pack(part: Matrix, out: &mut [u32]) {
    for tile in 0..2 {
        let first = (tile * 16).min(part.columns);
        let part = part.some_columns(first..part.columns.min(first + 16));
        let out = &mut out[tile * PAIRS..];
        if part.column_stride == 1 {
            across(
                part.data,
                part.row_stride,
                part.rows,
                part.columns,
                out,
                2 * PAIRS,
            );
        } else {
            along(
                part.data,
                part.column_stride,
                part.columns,
                part.rows,
                out,
                2 * PAIRS,
            );
            for piece in 0..PIECES {
                transpose(&mut out[piece * 2 * PAIRS..]);
            }
        }
    }
}
