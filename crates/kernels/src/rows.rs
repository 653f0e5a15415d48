//! How a batch is divided among threads: each takes a few whole rows through every time step.

use std::ops::Range;

/// Fewer rows than this a thread do not fill the matrix kernel's registers.
const FEWEST: usize = 8;

/// Divides `batch` rows into consecutive ranges, about one for each thread of the pool.
pub fn ranges(batch: usize) -> Vec<Range<usize>> {
    let threads = rayon::current_num_threads().max(1);
    let each = batch.div_ceil(threads).next_multiple_of(FEWEST);
    (0..batch)
        .step_by(each.max(1))
        .map(|start| start..(start + each).min(batch))
        .collect()
}

/// Divides `data`, `[time, batch, width]`, by batch rows: for each range the list over time of its rows,
/// `[rows, width]`.
pub fn split<'a>(
    mut data: &'a mut [f32],
    time: usize,
    width: usize,
    ranges: &[Range<usize>],
) -> Vec<Vec<&'a mut [f32]>> {
    let mut parts: Vec<Vec<&'a mut [f32]>> =
        ranges.iter().map(|_| Vec::with_capacity(time)).collect();
    for _ in 0..time {
        for (range, part) in ranges.iter().zip(&mut parts) {
            let (head, tail) = data.split_at_mut(range.len() * width);
            part.push(head);
            data = tail;
        }
    }
    parts
}

/// Divides `data`, `[batch, width]`, by batch rows: the rows of each range, `[rows, width]`.
pub fn pieces<'a, 'r>(
    mut data: &'a mut [f32],
    width: usize,
    ranges: &'r [Range<usize>],
) -> impl Iterator<Item = &'a mut [f32]> + use<'a, 'r> {
    ranges.iter().map(move |range| {
        let (head, tail) = std::mem::take(&mut data).split_at_mut(range.len() * width);
        data = tail;
        head
    })
}

/// One time step to read and another to write.
///
/// # Panics
/// When `read == write`.
pub fn pair<'a>(
    steps: &'a mut [&mut [f32]],
    read: usize,
    write: usize,
) -> (&'a [f32], &'a mut [f32]) {
    if read < write {
        let (low, high) = steps.split_at_mut(write);
        (&*low[read], &mut *high[0])
    } else {
        let (low, high) = steps.split_at_mut(read);
        (&*high[0], &mut *low[write])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_belongs_to_one_range() {
        for batch in [0, 1, 7, 8, 9, 64, 65] {
            let rows: Vec<usize> = ranges(batch).into_iter().flatten().collect();
            assert_eq!(rows, (0..batch).collect::<Vec<_>>());
        }
    }

    #[test]
    fn splitting_keeps_time_and_rows() {
        let mut data: Vec<f32> = (0..12).map(|i| i as f32).collect();
        let parts = split(&mut data, 2, 2, &[0..1, 1..3]);
        assert_eq!(parts[0], [&[0.0, 1.0][..], &[6.0, 7.0]]);
        assert_eq!(
            parts[1],
            [&[2.0, 3.0, 4.0, 5.0][..], &[8.0, 9.0, 10.0, 11.0]]
        );
    }

    #[test]
    fn a_pair_reads_one_step_and_writes_another() {
        let mut data = vec![1.0, 2.0];
        let mut steps: Vec<&mut [f32]> = data.chunks_mut(1).collect();
        let (read, write) = pair(&mut steps, 1, 0);
        write.copy_from_slice(read);
        assert_eq!(data, [2.0, 2.0]);
    }
}
