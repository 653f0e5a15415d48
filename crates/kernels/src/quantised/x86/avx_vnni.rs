//! AVX-VNNI: as AVX-512 with VNNI, with half as many lanes and registers.

use std::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_dpbusd_avx_epi32, _mm256_loadu_si256, _mm256_set1_epi32,
    _mm256_setzero_si256, _mm256_storeu_si256,
};

use crate::quantised::activations::{self, Line};
use crate::quantised::block::Target;
use crate::quantised::weights::{COLUMNS, Group, Slab};

/// Rows of a tile, four registers of sums each.
pub(super) const ROWS: usize = 3;

/// Sums in a register.
const LANES: usize = 8;

/// Quantises one row to integers plus 128.
#[target_feature(enable = "avx2")]
pub(super) fn quantise(row: &[f32], lines: &mut [Line]) -> f32 {
    activations::quantise(row, lines, 128)
}

/// Multiplies at most [`ROWS`] rows by a panel.
#[target_feature(enable = "avx2,avxvnni")]
pub(super) fn tile(lines: &[Line], panel: &[Slab], offsets: &[i32; COLUMNS], target: Target) {
    match target.out.len() {
        1 => rows::<1, 2>(lines, panel, offsets, target),
        2 => rows::<2, 1>(lines, panel, offsets, target),
        _ => rows::<3, 1>(lines, panel, offsets, target),
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
    let lines: [_; R] = super::split(lines, panel);
    let mut sums = [[[_mm256_setzero_si256(); 4]; R]; U];
    for (step, slab) in panel.iter().enumerate() {
        for (index, groups) in slab.as_chunks::<U>().0.iter().enumerate() {
            for (chain, (group, sums)) in groups.iter().zip(&mut sums).enumerate() {
                let weights = load(group);
                for (lines, sums) in lines.iter().zip(sums) {
                    let activation = lines[step].0[index * U + chain];
                    let activation = _mm256_set1_epi32(i32::from_ne_bytes(activation));
                    for (sum, weights) in sums.iter_mut().zip(weights) {
                        *sum = _mm256_dpbusd_avx_epi32(*sum, activation, weights);
                    }
                }
            }
        }
    }
    let mut out = [[0; COLUMNS]; R];
    for chain in &sums {
        for (out, sums) in out.iter_mut().zip(chain) {
            for (out, &sum) in out.as_chunks_mut().0.iter_mut().zip(sums) {
                add(out, sum);
            }
        }
    }
    target.put(&out, offsets);
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(group: &Group) -> [__m256i; 4] {
    let start: *const __m256i = group.0.as_ptr().cast();
    // SAFETY: a group is 128 bytes long, four vectors.
    std::array::from_fn(|part| unsafe { _mm256_loadu_si256(start.add(part)) })
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(out: &mut [i32; LANES], sum: __m256i) {
    let start: *mut __m256i = out.as_mut_ptr().cast();
    // SAFETY: the array is one vector long.
    unsafe { _mm256_storeu_si256(start, _mm256_add_epi32(_mm256_loadu_si256(start), sum)) }
}
