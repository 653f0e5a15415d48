//! A right-hand side in tiles.

use super::split::{DEPTH, PAIRS, PIECES, across, along, transpose};
use crate::amx::Amx;
use crate::buffer::Buffer;
use crate::matmul::{COLUMNS, Matrix};
use crate::parallel;

/// Words of one panel's tiles for 32 rows: three pieces of two tiles.
pub(super) const BLOCK: usize = PIECES * 2 * PAIRS;

/// Rows of panels that a thread packs at least.
const LEAST: usize = 1024;

/// The tiles, where this processor's can do such products and the cap allows them.
pub(in crate::matmul) fn supported() -> Option<Amx> {
    Amx::get().filter(|amx| amx.bfloat16)
}

/// A matrix packed once for many products: panels of 32 columns; in each, for every 32 rows, the tiles of
/// the first piece, of the second and of the third. Beyond the matrix's edges there are zeros.
#[derive(Clone, Debug)]
pub(crate) struct TilePanels {
    amx: Amx,
    data: Buffer<u32>,
    rows: usize,
    columns: usize,
}

impl TilePanels {
    /// Packs `matrix`, `[rows, columns]`, over `threads` threads of the pool, for these tiles.
    pub fn new(amx: Amx, matrix: Matrix, threads: usize) -> Self {
        let (rows, columns) = (matrix.rows, matrix.columns);
        let blocks = rows.div_ceil(DEPTH);
        let mut data = Buffer::new(columns.div_ceil(COLUMNS) * blocks * BLOCK);
        if rows > 0 {
            let panels = columns.div_ceil(COLUMNS);
            let each = panels.div_ceil(threads).max(LEAST.div_ceil(rows));
            let parts = data.chunks_mut(each * blocks * BLOCK).enumerate().collect();
            let pack = |panel: usize, block: usize, out: &mut [u32]| {
                let (column, row) = (panel * COLUMNS, block * DEPTH);
                let part = matrix
                    .some_columns(column..columns.min(column + COLUMNS))
                    .some_rows(row..rows.min(row + DEPTH));
                let start = block * BLOCK;
                // SAFETY: tiles are chosen only where these vectors are, see `Amx::get`.
                unsafe { pack(part, &mut out[start..start + BLOCK]) };
            };
            parallel::each(parts, |(part, out): (usize, &mut [u32])| {
                let mut panels: Vec<_> = out.chunks_exact_mut(blocks * BLOCK).collect();
                // What lies side by side in memory is read one after the other.
                if matrix.column_stride == 1 {
                    for block in 0..blocks {
                        for (place, out) in panels.iter_mut().enumerate() {
                            pack(part * each + place, block, out);
                        }
                    }
                } else {
                    for (place, out) in panels.iter_mut().enumerate() {
                        for block in 0..blocks {
                            pack(part * each + place, block, out);
                        }
                    }
                }
            });
        }
        Self {
            amx,
            data,
            rows,
            columns,
        }
    }

    /// The tiles that it was packed for.
    pub(super) fn amx(&self) -> Amx {
        self.amx
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
