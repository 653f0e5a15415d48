//! One thread's share of a product: some rows by some panels.

use std::ops::Range;

use super::activations::Activations;
use super::path::Path;
use super::tile::Target;
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
    path.prepare(|| {
        for (index, panel) in panels.enumerate() {
            let mut row = rows.start;
            while row < rows.end {
                let count = path.tile_rows(rows.end - row);
                let first = row - rows.start;
                let target = Target {
                    out: &mut out[first..first + count],
                    column: index * COLUMNS,
                    row_scales: a.scales(row, count),
                    scales: b.scales(panel),
                    accumulate,
                };
                path.tile(a.lines(row), b.panel(panel), b.offsets(panel), target);
                row += count;
            }
        }
    });
}
