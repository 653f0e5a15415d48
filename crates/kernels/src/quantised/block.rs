//! One thread's share of a product: some rows by some panels.

use std::ops::Range;

use super::activations::Activations;
use super::path::Path;
use super::weights::{COLUMNS, Quantised};

/// Multiplies `rows` of `a` by `panels` of `b`. `out` holds for each of the rows the piece that the panels
/// cover.
pub(super) fn multiply(
    path: Path,
    a: &Activations,
    b: &Quantised,
    rows: Range<usize>,
    panels: Range<usize>,
    out: &mut [&mut [f32]],
    accumulate: bool,
) {
    for (index, panel) in panels.enumerate() {
        let mut row = rows.start;
        while row < rows.end {
            let count = even(rows.end - row, path.most_rows());
            let first = row - rows.start;
            let target = Target {
                out: &mut out[first..first + count],
                column: index * COLUMNS,
                row_scales: a.scales(row, count),
                scales: b.scales(panel),
                accumulate,
            };
            path.tile(
                a.lines(row, count),
                b.panel(panel),
                b.offsets(panel),
                target,
            );
            row += count;
        }
    }
}

/// How many of `rows` to take first, so that they divide into nearly equal parts of at most `most`.
fn even(rows: usize, most: usize) -> usize {
    rows.div_ceil(rows.div_ceil(most))
}

/// Where the products of some rows and a panel go.
pub(super) struct Target<'a, 'b> {
    /// A piece of each row.
    pub out: &'a mut [&'b mut [f32]],
    /// Where in the pieces the panel begins.
    pub column: usize,
    /// The scales of the rows.
    pub row_scales: &'a [f32],
    /// The scales of the columns.
    pub scales: &'a [f32; COLUMNS],
    /// Whether to add to what is there.
    pub accumulate: bool,
}

impl Target<'_, '_> {
    /// Scales and stores one row's sums.
    #[inline(always)]
    pub fn put(&mut self, row: usize, sums: &[i32; COLUMNS]) {
        let row_scale = self.row_scales[row];
        let mut values = [0.0; COLUMNS];
        for column in 0..COLUMNS {
            values[column] = sums[column] as f32 * self.scales[column] * row_scale;
        }
        let out = &mut self.out[row][self.column..];
        if let Some(out) = out.first_chunk_mut::<COLUMNS>() {
            if self.accumulate {
                for (value, out) in values.iter_mut().zip(out.iter()) {
                    *value += out;
                }
            }
            *out = values;
        } else {
            for (out, value) in out.iter_mut().zip(values) {
                *out = if self.accumulate { *out + value } else { value };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::even;

    #[test]
    fn rows_divide_evenly() {
        assert_eq!(even(64, 12), 11);
        assert_eq!(even(53, 12), 11);
        assert_eq!(even(13, 12), 7);
        assert_eq!(even(6, 12), 6);
    }
}
