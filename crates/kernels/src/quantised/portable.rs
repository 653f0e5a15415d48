//! The product in the vectors that every processor has: bytes widened to 16 bits, multiplied, and summed in
//! pairs before they are widened again.

use rten_simd::ops::{BitOps, Extend, NumOps};
use rten_simd::{Isa, Simd, SimdOp};

use super::line::Line;
use super::tile::Target;
use super::weights::{COLUMNS, Slab};
use crate::instruction_sets::Capped;

/// Rows of a tile, four registers of sums each.
pub(super) const ROWS: usize = 4;

/// Multiplies at most [`ROWS`] rows of signed activations by a panel.
pub(super) fn tile(lines: &[Line], panel: &[Slab], target: Target) {
    match target.out.len() {
        1 => rows::<1>(lines, panel, target),
        2 => rows::<2>(lines, panel, target),
        3 => rows::<3>(lines, panel, target),
        _ => rows::<4>(lines, panel, target),
    }
}

fn rows<const R: usize>(lines: &[Line], panel: &[Slab], target: Target) {
    let each = panel.len();
    let lines = std::array::from_fn(|row| &lines[row * each..][..each]);
    target.put(&Sums::<R> { lines, panel }.run(), &[0; COLUMNS]);
}

struct Sums<'a, const R: usize> {
    lines: [&'a [Line]; R],
    panel: &'a [Slab],
}

impl<const R: usize> SimdOp for Sums<'_, R> {
    type Output = [[i32; COLUMNS]; R];

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> Self::Output {
        let width = isa.i8().len();
        let lanes = isa.i32().len();
        let mut out = [[0; COLUMNS]; R];
        for start in (0..4 * COLUMNS).step_by(width) {
            let sums = self.part(isa, start);
            for (out, sums) in out.iter_mut().zip(sums) {
                for (quarter, sum) in sums.into_iter().enumerate() {
                    let first = (start + quarter * lanes) / 4;
                    let values = sum.to_array();
                    let fours = values.as_ref().as_chunks::<4>().0;
                    for (out, four) in out[first..].iter_mut().zip(fours) {
                        *out = four.iter().sum();
                    }
                }
            }
        }
        out
    }
}

impl<const R: usize> Sums<'_, R> {
    /// The sums of one vector of bytes of each group, in four vectors, four sums for each column.
    #[inline(always)]
    fn part<I: Isa>(&self, isa: I, start: usize) -> [[I::I32; 4]; R] {
        let (bytes, words, longs) = (isa.i8(), isa.i16(), isa.i32());
        let width = bytes.len();
        let mut sums = [[longs.zero(); 4]; R];
        for (step, slab) in self.panel.iter().enumerate() {
            for (pair, groups) in slab.as_chunks::<2>().0.iter().enumerate() {
                let first = bytes.load(&groups[0].0[start..start + width]);
                let second = bytes.load(&groups[1].0[start..start + width]);
                let low = [bytes.extend_low(first), bytes.extend_low(second)];
                let high = [bytes.extend_high(first), bytes.extend_high(second)];
                for (lines, [a, b, c, d]) in self.lines.iter().zip(&mut sums) {
                    let line = &lines[step].0;
                    let x = repeat(isa, line[2 * pair]);
                    let y = repeat(isa, line[2 * pair + 1]);
                    // Two products of at most 127 * 128 fit in 16 bits.
                    let low = words.add(words.mul(x, low[0]), words.mul(y, low[1]));
                    let high = words.add(words.mul(x, high[0]), words.mul(y, high[1]));
                    *a = longs.add(*a, words.extend_low(low));
                    *b = longs.add(*b, words.extend_high(low));
                    *c = longs.add(*c, words.extend_low(high));
                    *d = longs.add(*d, words.extend_high(high));
                }
            }
        }
        sums
    }
}

/// The activations of a group again and again, one repetition for each column.
#[inline(always)]
fn repeat<I: Isa>(isa: I, group: [u8; 4]) -> I::I16 {
    let four = isa.i32().splat(i32::from_ne_bytes(group));
    isa.i8().extend_low(isa.i8().from_bits(four.to_bits()))
}
