//! Rows of the left-hand side, as the kernels read them.

use super::integer::{integer, magnitude, scale};
use super::weights::STEP;

/// The number of rows is padded to a multiple of this, that of a tile register. What is in the rows that
/// pad does not matter.
pub(super) const ROWS: usize = 16;

/// Activations of one row along the inner dimension, in groups of four as the weights are.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(64))]
pub(super) struct Line(pub [[u8; 4]; STEP / 4]);

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
