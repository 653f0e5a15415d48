//! The left-hand side of a product: rows of numbers quantised as they come.

use std::cell::Cell;
use std::mem::take;

use super::line::{Line, ROWS};
use super::path::Path;
use super::weights::STEP;
use crate::matmul::Matrix;
use crate::parallel;

/// Numbers that are quantised in one task.
const QUANTISE: usize = 1 << 14;

thread_local! {
    /// Memory to use again. It is taken, not borrowed: what waits for other threads may be given another
    /// product to do.
    static SPARE: Cell<(Vec<Line>, Vec<f32>)> = const { Cell::new((Vec::new(), Vec::new())) };
}

/// Quantised rows.
#[derive(Debug)]
pub(super) struct Activations {
    lines: Vec<Line>,
    scales: Vec<f32>,
    each: usize,
}

impl Activations {
    /// Quantises the rows of a matrix in the form that `path` reads, over the threads of the pool when
    /// `parallel`.
    pub fn new(path: Path, matrix: Matrix, parallel: bool) -> Self {
        let (mut lines, mut scales) = SPARE.take();
        let each = matrix.columns.div_ceil(STEP);
        let count = each * matrix.rows.next_multiple_of(ROWS);
        // Never cut short, for what grows again would be filled again.
        if lines.len() < count {
            lines.resize(count, Line::default());
        }
        if scales.len() < matrix.rows {
            scales.resize(matrix.rows, 0.0);
        }
        let (used, used_scales) = (&mut lines[..], &mut scales[..matrix.rows]);
        if each == 0 {
            used_scales.fill(0.0);
        } else {
            let work = matrix.rows * matrix.columns;
            let most = if parallel { parallel::threads() } else { 1 };
            let tasks = (work / QUANTISE).clamp(1, most);
            let rows = matrix.rows.div_ceil(tasks).max(1);
            let parts = used
                .chunks_mut(rows * each)
                .zip(used_scales.chunks_mut(rows));
            let parts = parts.enumerate().collect();
            parallel::each(parts, |(part, (lines, scales))| {
                for (row, (lines, scale)) in lines.chunks_mut(each).zip(scales).enumerate() {
                    *scale = quantise_row(path, matrix, part * rows + row, lines);
                }
            });
        }
        Self {
            lines,
            scales,
            each,
        }
    }

    /// The rows from `row` on, and after them what pads them to whole tiles.
    #[inline(always)]
    pub fn lines(&self, row: usize) -> &[Line] {
        &self.lines[row * self.each..]
    }

    /// The scales of `count` rows.
    #[inline(always)]
    pub fn scales(&self, row: usize, count: usize) -> &[f32] {
        &self.scales[row..row + count]
    }
}

fn quantise_row(path: Path, matrix: Matrix, row: usize, lines: &mut [Line]) -> f32 {
    let data = &matrix.data[row * matrix.row_stride..];
    if matrix.column_stride == 1 {
        return path.quantise(&data[..matrix.columns], lines);
    }
    let data = data.iter().step_by(matrix.column_stride);
    let data: Vec<f32> = data.take(matrix.columns).copied().collect();
    path.quantise(&data, lines)
}

impl Drop for Activations {
    fn drop(&mut self) {
        SPARE.set((take(&mut self.lines), take(&mut self.scales)));
    }
}
