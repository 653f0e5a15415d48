//! AVX-VNNI: as AVX-512 with VNNI, with half as many lanes and registers.

use std::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_dpbusd_avx_epi32, _mm256_loadu_si256, _mm256_set1_epi32,
    _mm256_setzero_si256, _mm256_storeu_si256,
};

use super::rows::split;
use crate::quantised::line::{self, Line};
use crate::quantised::tile::Target;
use crate::quantised::weights::{COLUMNS, Group, Slab};

/// Rows of a tile, two registers of sums each for half of a panel.
pub(super) const ROWS: usize = 6;

/// Columns multiplied at a time.
const HALF: usize = COLUMNS / 2;

/// Sums in a register.
const LANES: usize = 8;

/// Quantises one row to integers plus 128.
#[target_feature(enable = "avx2")]
pub(super) fn quantise(row: &[f32], lines: &mut [Line]) -> f32 {
    line::quantise(row, lines, 128)
}

/// Multiplies at most [`ROWS`] rows by a panel.
#[target_feature(enable = "avx2,avxvnni")]
pub(super) fn tile(lines: &[Line], panel: &[Slab], offsets: &[i32; COLUMNS], target: Target) {
    match target.out.len() {
        1 => rows::<1, 4>(lines, panel, offsets, target),
        2 => rows::<2, 2>(lines, panel, offsets, target),
        3 => rows::<3, 2>(lines, panel, offsets, target),
        4 => rows::<4, 1>(lines, panel, offsets, target),
        5 => rows::<5, 1>(lines, panel, offsets, target),
        _ => rows::<6, 1>(lines, panel, offsets, target),
    }
}

/// `R` rows, with `U` chains of sums for each.
#[target_feature(enable = "avx2,avxvnni")]
fn rows<const R: usize, const U: usize>(
    lines: &[Line],
    panel: &[Slab],
    offsets: &[i32; COLUMNS],
    target: Target,
) {
    let lines: [_; R] = split(lines, panel);
    let mut out = [[0; COLUMNS]; R];
    for half in 0..2 {
        let mut sums = [[[_mm256_setzero_si256(); 2]; R]; U];
        for (step, slab) in panel.iter().enumerate() {
            for (index, groups) in slab.as_chunks::<U>().0.iter().enumerate() {
                for (chain, (group, sums)) in groups.iter().zip(&mut sums).enumerate() {
                    let weights = load(group, half);
                    // With an index the sums stay in registers, with an iterator they do not.
                    for row in 0..R {
                        let activation = lines[row][step].0[index * U + chain];
                        let activation = _mm256_set1_epi32(i32::from_ne_bytes(activation));
                        let [low, high] = &mut sums[row];
                        *low = _mm256_dpbusd_avx_epi32(*low, activation, weights[0]);
                        *high = _mm256_dpbusd_avx_epi32(*high, activation, weights[1]);
                    }
                }
            }
        }
        for chain in &sums {
            for (out, sums) in out.iter_mut().zip(chain) {
                let out = out[half * HALF..][..HALF].as_chunks_mut().0;
                for (out, &sum) in out.iter_mut().zip(sums) {
                    add(out, sum);
                }
            }
        }
    }
    target.put(&out, offsets);
}

/// Half of a group.
#[inline]
#[target_feature(enable = "avx2")]
fn load(group: &Group, half: usize) -> [__m256i; 2] {
    let bytes = &group.0[half * 4 * HALF..][..4 * HALF];
    let start: *const __m256i = bytes.as_ptr().cast();
    // SAFETY: the slice is two vectors long.
    unsafe { [_mm256_loadu_si256(start), _mm256_loadu_si256(start.add(1))] }
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(out: &mut [i32; LANES], sum: __m256i) {
    let start: *mut __m256i = out.as_mut_ptr().cast();
    // SAFETY: the array is one vector long.
    unsafe { _mm256_storeu_si256(start, _mm256_add_epi32(_mm256_loadu_si256(start), sum)) }
}
