//! AVX-512 with VNNI: four products of an unsigned and a signed byte and their sum in each of sixteen
//! lanes. The activations are 128 too large; the offsets make up for it.

use std::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_dpbusd_epi32, _mm512_loadu_epi32, _mm512_set1_epi32,
    _mm512_setzero_si512, _mm512_storeu_epi32,
};

use super::rows::split;
use crate::quantised::line::{self, Line};
use crate::quantised::tile::Target;
use crate::quantised::weights::{COLUMNS, Group, Slab};

/// Rows of a tile, two registers of sums each.
pub(super) const ROWS: usize = 12;

/// Sums in a register.
const LANES: usize = 16;

/// Quantises one row to integers plus 128.
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn quantise(row: &[f32], lines: &mut [Line]) -> f32 {
    line::quantise(row, lines, 128)
}

/// Multiplies at most [`ROWS`] rows by a panel.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub(super) fn tile(lines: &[Line], panel: &[Slab], offsets: &[i32; COLUMNS], target: Target) {
    // Few rows have few sums; chains of their own for every second or fourth group hide the latency.
    match target.out.len() {
        1 => rows::<1, 4>(lines, panel, offsets, target),
        2 => rows::<2, 4>(lines, panel, offsets, target),
        3 => rows::<3, 2>(lines, panel, offsets, target),
        4 => rows::<4, 2>(lines, panel, offsets, target),
        5 => rows::<5, 2>(lines, panel, offsets, target),
        6 => rows::<6, 1>(lines, panel, offsets, target),
        7 => rows::<7, 1>(lines, panel, offsets, target),
        8 => rows::<8, 1>(lines, panel, offsets, target),
        9 => rows::<9, 1>(lines, panel, offsets, target),
        10 => rows::<10, 1>(lines, panel, offsets, target),
        11 => rows::<11, 1>(lines, panel, offsets, target),
        _ => rows::<12, 1>(lines, panel, offsets, target),
    }
}

/// `R` rows, with `U` chains of sums for each.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn rows<const R: usize, const U: usize>(
    lines: &[Line],
    panel: &[Slab],
    offsets: &[i32; COLUMNS],
    target: Target,
) {
    let lines: [_; R] = split(lines, panel);
    let mut sums = [[[_mm512_setzero_si512(); 2]; R]; U];
    for (step, slab) in panel.iter().enumerate() {
        for (index, groups) in slab.as_chunks::<U>().0.iter().enumerate() {
            for (chain, (group, sums)) in groups.iter().zip(&mut sums).enumerate() {
                let weights = load(group);
                // With an index the sums stay in registers, with an iterator they do not.
                for row in 0..R {
                    let activation = lines[row][step].0[index * U + chain];
                    let activation = _mm512_set1_epi32(i32::from_ne_bytes(activation));
                    let [low, high] = &mut sums[row];
                    *low = _mm512_dpbusd_epi32(*low, activation, weights[0]);
                    *high = _mm512_dpbusd_epi32(*high, activation, weights[1]);
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
#[target_feature(enable = "avx512f")]
fn load(group: &Group) -> [__m512i; 2] {
    let start = group.0.as_ptr();
    // SAFETY: a group is 128 bytes long, two vectors.
    unsafe {
        [
            _mm512_loadu_epi32(start.cast()),
            _mm512_loadu_epi32(start.add(4 * LANES).cast()),
        ]
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add(out: &mut [i32; LANES], sum: __m512i) {
    // SAFETY: the array is one vector long.
    unsafe {
        let start = out.as_mut_ptr();
        _mm512_storeu_epi32(start, _mm512_add_epi32(_mm512_loadu_epi32(start), sum));
    }
}
