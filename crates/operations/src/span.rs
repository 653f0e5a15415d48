//! Where the numbers of a time step lie, and the rows of a thread.

use std::ops::Range;

use kernels::parallel;

/// The numbers of time step `time` in a list with `width` numbers a row.
pub(crate) fn step(time: usize, batch: usize, width: usize) -> Range<usize> {
    time * batch * width..(time + 1) * batch * width
}

/// The `count` numbers of a time step, or none where there are none at all.
pub(crate) fn at(values: &[f32], time: usize, count: usize) -> &[f32] {
    values
        .get(time * count..(time + 1) * count)
        .unwrap_or_default()
}

/// Writes `row` to every row of `out`.
pub(crate) fn repeat(row: &[f32], out: &mut [f32]) {
    out.chunks_exact_mut(row.len())
        .for_each(|out| out.copy_from_slice(row));
}

/// The rows of each thread.
pub(crate) fn thread_ranges(batch: usize) -> Vec<Range<usize>> {
    let each = rows_each(batch);
    let starts = (0..batch).step_by(each);
    starts
        .map(|start| start..(start + each).min(batch))
        .collect()
}

/// How many rows of the batch each thread takes.
pub(crate) fn rows_each(batch: usize) -> usize {
    batch.div_ceil(parallel::threads()).max(1)
}
