//! The rows of a tile.

use crate::quantised::line::Line;
use crate::quantised::weights::Slab;

/// The lines of each row.
#[inline(always)]
pub(super) fn split<'a, const R: usize>(lines: &'a [Line], panel: &[Slab]) -> [&'a [Line]; R] {
    std::array::from_fn(|row| &lines[row * panel.len()..][..panel.len()])
}
