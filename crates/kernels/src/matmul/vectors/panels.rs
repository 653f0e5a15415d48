//! A right-hand side in the order in which the register kernel reads it.

use crate::buffer::Buffer;
use crate::matmul::{COLUMNS, Matrix};
use crate::parallel;

/// Rows of a transposed source that are turned at a time, so that both sides stay in the first-level
/// cache.
const TURN: usize = 16;

/// Rows of panels that a thread packs at least.
const LEAST: usize = 1024;

/// A matrix packed once for many products: panels of 32 columns, each with its rows one after another,
/// the last padded with zeros. The layout is the same on every processor.
#[derive(Clone, Debug)]
pub(crate) struct Panels {
    data: Buffer,
    rows: usize,
    columns: usize,
}

impl Panels {
    /// Packs `matrix`, `[rows, columns]`, over `threads` threads of the pool.
    pub fn new(matrix: Matrix, threads: usize) -> Self {
        let (rows, columns) = (matrix.rows, matrix.columns);
        let mut data = Buffer::new(columns.div_ceil(COLUMNS) * COLUMNS * rows);
        if rows > 0 {
            let panels = columns.div_ceil(COLUMNS);
            let each = panels.div_ceil(threads).max(LEAST.div_ceil(rows));
            let parts = data.chunks_mut(each * rows * COLUMNS).enumerate().collect();
            parallel::each(parts, |(part, out)| {
                for (place, out) in out.chunks_exact_mut(rows * COLUMNS).enumerate() {
                    let first = (part * each + place) * COLUMNS;
                    let width = COLUMNS.min(columns - first);
                    if width < COLUMNS {
                        out.fill(0.0);
                    }
                    if matrix.column_stride == 1 {
                        copy(matrix, first, width, out);
                    } else {
                        turn(matrix, first, width, out);
                    }
                }
            });
        }
        Self {
            data,
            rows,
            columns,
        }
    }

    /// Number of rows, the inner dimension of a product.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Rows `from..from + count` of one panel, `[count, 32]`.
    #[inline(always)]
    pub(super) fn panel(&self, panel: usize, from: usize, count: usize) -> &[[f32; COLUMNS]] {
        let start = (panel * self.rows + from) * COLUMNS;
        self.data[start..start + count * COLUMNS].as_chunks().0
    }
}

fn copy(matrix: Matrix, first: usize, width: usize, out: &mut [f32]) {
    for (row, out) in out.chunks_exact_mut(COLUMNS).enumerate() {
        let start = row * matrix.row_stride + first;
        out[..width].copy_from_slice(&matrix.data[start..start + width]);
    }
}

/// Any strides; made for columns that are contiguous in memory.
fn turn(matrix: Matrix, first: usize, width: usize, out: &mut [f32]) {
    for (block, out) in out.chunks_mut(TURN * COLUMNS).enumerate() {
        for column in 0..width {
            let start = block * TURN * matrix.row_stride + (first + column) * matrix.column_stride;
            let source = matrix.data[start..].iter().step_by(matrix.row_stride);
            for (out, &value) in out.chunks_exact_mut(COLUMNS).zip(source) {
                out[column] = value;
            }
        }
    }
}
