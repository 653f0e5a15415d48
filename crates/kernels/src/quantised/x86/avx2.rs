//! AVX2: bytes widened to 16 bits, whose products are summed in pairs. The instruction that multiplies
//! bytes is of no use here, for its sums saturate.

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm_set1_epi32, _mm256_add_epi32, _mm256_cvtepi8_epi16,
    _mm256_madd_epi16, _mm256_setzero_si256, _mm256_storeu_si256,
};

use super::rows::split;
use crate::quantised::line::{self, Line};
use crate::quantised::tile::Target;
use crate::quantised::weights::{COLUMNS, Group, Slab};

/// Rows of a tile, four registers of sums each for half of a panel.
pub(super) const ROWS: usize = 3;

/// Columns multiplied at a time.
const HALF: usize = COLUMNS / 2;

/// Registers for them: a column takes two lanes.
const PARTS: usize = HALF / 4;

/// Quantises one row to signed integers.
#[target_feature(enable = "avx2")]
pub(super) fn quantise(row: &[f32], lines: &mut [Line]) -> f32 {
    line::quantise(row, lines, 0)
}

/// Multiplies at most [`ROWS`] rows by a panel.
#[target_feature(enable = "avx2")]
pub(super) fn tile(lines: &[Line], panel: &[Slab], target: Target) {
    match target.out.len() {
        1 => rows::<1>(lines, panel, target),
        2 => rows::<2>(lines, panel, target),
        _ => rows::<3>(lines, panel, target),
    }
}

#[target_feature(enable = "avx2")]
fn rows<const R: usize>(lines: &[Line], panel: &[Slab], target: Target) {
    let lines: [_; R] = split(lines, panel);
    let mut out = [[0; COLUMNS]; R];
    for half in 0..2 {
        let mut sums = [[_mm256_setzero_si256(); PARTS]; R];
        for (step, slab) in panel.iter().enumerate() {
            for (index, group) in slab.iter().enumerate() {
                let weights = load(group, half);
                for (lines, sums) in lines.iter().zip(&mut sums) {
                    let activation = i32::from_ne_bytes(lines[step].0[index]);
                    let activation = _mm256_cvtepi8_epi16(_mm_set1_epi32(activation));
                    for (sum, weights) in sums.iter_mut().zip(weights) {
                        *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(activation, weights));
                    }
                }
            }
        }
        for (out, sums) in out.iter_mut().zip(sums) {
            let columns = out[half * HALF..][..HALF].as_chunks_mut().0;
            for (out, sum) in columns.iter_mut().zip(sums) {
                *out = pairs(sum).map(|[low, high]| low + high);
            }
        }
    }
    target.put(&out, &[0; COLUMNS]);
}

/// Half of a group, widened to 16 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn load(group: &Group, half: usize) -> [__m256i; PARTS] {
    let parts = group.0.as_chunks::<16>().0;
    std::array::from_fn(|part| {
        let bytes = &parts[half * PARTS + part];
        // SAFETY: the array is one vector long.
        let bytes = unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
        _mm256_cvtepi8_epi16(bytes)
    })
}

#[inline]
#[target_feature(enable = "avx2")]
fn pairs(sum: __m256i) -> [[i32; 2]; 4] {
    let mut lanes = [[0; 2]; 4];
    // SAFETY: the array is one vector long.
    unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), sum) }
    lanes
}
