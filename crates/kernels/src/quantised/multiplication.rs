//! Products as they are called: divided over threads.

use std::ops::Range;

use super::activations::Activations;
use super::block;
use super::line::ROWS;
use super::path::Path;
use super::weights::{COLUMNS, Quantised};
use crate::matmul::Matrix;
use crate::parallel;

/// Bytes of weights that are worth a task of their own for up to [`ROWS`] rows, which cost little more than
/// one: three microseconds or so.
const TASK: usize = 1 << 16;

/// `out = a b`, or `out += a b` when `accumulate`; `out` is `[a.rows, b.columns]`, row-major. The rows of
/// `a` are quantised on the way. Split over the threads of the pool: by columns, so that each thread
/// reads its own part of the weights, and by rows as well when there are more threads than columns can
/// use.
///
/// # Panics
/// When the shapes do not agree.
pub fn matmul(a: Matrix, b: &Quantised, out: &mut [f32], accumulate: bool) {
    matmul_along(Path::best(), a, b, out, accumulate);
}

fn matmul_along(path: Path, a: Matrix, b: &Quantised, out: &mut [f32], accumulate: bool) {
    check(a, b, out);
    if out.is_empty() {
        return;
    }
    let activations = Activations::new(path, a, true);
    let (row_tasks, column_tasks) = tasks(a.rows, b);
    let rows = a.rows.div_ceil(row_tasks).next_multiple_of(ROWS);
    let panels = b.panels().div_ceil(column_tasks);
    let parts = split(out, b, rows, panels);
    parallel::each(parts, |(rows, panels, mut out)| {
        block::multiply(path, &activations, b, rows, panels, &mut out, accumulate);
    });
}

/// As [`matmul`], on this thread alone.
#[cfg(test)]
fn multiply(a: Matrix, b: &Quantised, out: &mut [f32], accumulate: bool) {
    check(a, b, out);
    if out.is_empty() {
        return;
    }
    let path = Path::best();
    let activations = Activations::new(path, a, false);
    for (rows, panels, mut out) in split(out, b, a.rows, b.panels()) {
        block::multiply(path, &activations, b, rows, panels, &mut out, accumulate);
    }
}

fn check(a: Matrix, b: &Quantised, out: &[f32]) {
    assert_eq!(
        a.columns,
        b.rows(),
        "the inner dimensions of a product must agree"
    );
    assert_eq!(
        out.len(),
        a.rows * b.columns(),
        "the output of a product must be [rows, columns]"
    );
}

/// Into how many parts the rows and the columns are divided: one for each thread, so that a thread finds
/// in its cache the weights that it read at the step before.
fn tasks(rows: usize, b: &Quantised) -> (usize, usize) {
    let work = rows.div_ceil(ROWS) * b.bytes();
    let wanted = (work / TASK).clamp(1, parallel::threads());
    let columns = wanted.min(b.panels());
    let rows = wanted.div_ceil(columns).min(rows.div_ceil(ROWS));
    (rows, columns)
}

/// Some rows, some panels, and where their products go: a piece of each row.
type Part<'a> = (Range<usize>, Range<usize>, Vec<&'a mut [f32]>);

/// Divides the output in parts of at most `rows` rows and `panels` panels.
fn split<'a>(out: &'a mut [f32], b: &Quantised, rows: usize, panels: usize) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    let mut first = 0;
    for block in out.chunks_mut(rows * b.columns()) {
        let count = block.len() / b.columns();
        let begin = parts.len();
        for start in (0..b.panels()).step_by(panels) {
            let end = (start + panels).min(b.panels());
            parts.push((first..first + count, start..end, Vec::with_capacity(count)));
        }
        for row in block.chunks_mut(b.columns()) {
            for (piece, part) in row.chunks_mut(panels * COLUMNS).zip(&mut parts[begin..]) {
                part.2.push(piece);
            }
        }
        first += count;
    }
    parts
}

#[cfg(test)]
mod tests;
