//! The product without any processor's own instructions, in a form that compilers turn into vectors.

use super::activations::Line;
use super::block::Target;
use super::weights::{COLUMNS, Slab};

/// Running sums, four for each of eight columns: they fit in the registers of most processors.
const LANES: usize = 32;

/// Multiplies one row of signed activations by a panel.
pub(super) fn tile(lines: &[Line], panel: &[Slab], target: Target) {
    let mut sums = [0; COLUMNS];
    for (part, sums) in sums.chunks_exact_mut(LANES / 4).enumerate() {
        let lanes = part_sums(lines, panel, part * LANES);
        for (sum, lanes) in sums.iter_mut().zip(lanes.as_chunks::<4>().0) {
            *sum = lanes.iter().sum();
        }
    }
    target.put(&[sums], &[0; COLUMNS]);
}

#[inline(always)]
fn part_sums(lines: &[Line], panel: &[Slab], start: usize) -> [i32; LANES] {
    let mut sums = [0; LANES];
    for (line, slab) in lines.iter().zip(panel) {
        let pairs = line.0.as_chunks::<2>().0.iter();
        for ([x, y], [v, w]) in pairs.zip(slab.as_chunks::<2>().0) {
            let (x, y) = (x.map(|x| i16::from(x as i8)), y.map(|y| i16::from(y as i8)));
            let (v, w) = (&v.0[start..start + LANES], &w.0[start..start + LANES]);
            for lane in 0..LANES {
                // Two products of at most 127 * 128 fit in 16 bits.
                let first = x[lane % 4] * i16::from(v[lane]);
                let second = y[lane % 4] * i16::from(w[lane]);
                sums[lane] += i32::from(first + second);
            }
        }
    }
    sums
}
