//! The left-hand side of a product: rows of numbers quantised as they come.

use std::cell::Cell;
use std::mem::take;

use super::QUANTISE;
use super::path::Path;
use super::weights::STEP;
use crate::matmul::Matrix;
use crate::parallel;

/// The largest magnitude of an integer.
const LARGEST: f32 = 127.0;

/// Smaller numbers have no reciprocal or a coarse one.
const TINY: f32 = 1e-30;

/// Adding it leaves the nearest integer, halves to even, in the low bits of the sum.
const ROUND: f32 = 12_582_912.0;

/// The number of rows is padded to a multiple of this, that of a tile register. What is in the rows that
/// pad does not matter.
pub(super) const ROWS: usize = 16;

/// Activations of one row along the inner dimension, in groups of four as the weights are.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(64))]
pub(super) struct Line(pub [[u8; 4]; STEP / 4]);

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

/// The magnitude's bits: ordered as magnitudes are, infinity and NaN above all others.
#[inline(always)]
pub(super) fn magnitude(value: f32) -> u32 {
    value.to_bits() & 0x7fff_ffff
}

/// The scale of numbers whose largest magnitude has these bits, and what to multiply them by to get
/// integers, zero where they count as zero.
#[inline(always)]
pub(super) fn scale(largest: u32) -> (f32, f32) {
    let largest = f32::from_bits(largest);
    if !largest.is_finite() {
        (f32::NAN, 0.0)
    } else if largest < TINY {
        (0.0, 0.0)
    } else {
        (largest / LARGEST, LARGEST / largest)
    }
}

/// The nearest integer in the lowest eight bits, for at most 127 in magnitude.
#[inline(always)]
pub(super) fn integer(value: f32, inverse: f32) -> u8 {
    (value * inverse + ROUND).to_bits() as u8
}

/// Quantises one row and returns its scale. `flip` is 0 for signed integers and 128 for integers plus 128.
#[inline(always)]
pub(super) fn quantise(row: &[f32], lines: &mut [Line], flip: u8) -> f32 {
    let largest = row.iter().fold(0, |most, &x| magnitude(x).max(most));
    let (scale, inverse) = scale(largest);
    if inverse == 0.0 {
        lines.fill(Line([[flip; 4]; STEP / 4]));
        return scale;
    }
    let (whole, rest) = row.as_chunks::<STEP>();
    for (values, line) in whole.iter().zip(lines.iter_mut()) {
        let bytes = line.0.as_flattened_mut();
        for (byte, &value) in bytes.iter_mut().zip(values) {
            *byte = integer(value, inverse) ^ flip;
        }
    }
    if let Some(line) = lines.get_mut(whole.len()) {
        let bytes = line.0.as_flattened_mut();
        bytes.fill(flip);
        for (byte, &value) in bytes.iter_mut().zip(rest) {
            *byte = integer(value, inverse) ^ flip;
        }
    }
    scale
}
