//! Numbers in three pieces, and tiles of such pieces.
//!
//! A single-precision number has 24 significant bits and a bfloat16 has 8, with the same exponents:
//! `x = a + b + c` holds exactly (but for pieces too small for a normal number), with `a` the nearest
//! bfloat16 to `x`, `b` the nearest to `x - a` and `c` the nearest to what is left.

use std::arch::x86_64::*;

/// Pieces of a number.
pub(super) const PIECES: usize = 3;

/// Pairs of bfloat16 in a tile: 16 rows of 16.
pub(super) const PAIRS: usize = 256;

/// Rows of a tile.
pub(super) const ROWS: usize = 16;

/// Numbers in a tile's row.
pub(super) const DEPTH: usize = 32;

#[inline]
#[target_feature(enable = "avx512f")]
fn load(values: &[f32]) -> __m512 {
    let mut padded = [0.0; 16];
    let whole = match values.first_chunk::<16>() {
        Some(whole) => whole,
        None => {
            padded[..values.len()].copy_from_slice(values);
            &padded
        }
    };
    // SAFETY: sixteen numbers are there.
    unsafe { _mm512_loadu_ps(whole.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(pairs: __m512i, out: &mut [u32]) {
    let out = &mut out[..16];
    // SAFETY: sixteen words are there.
    unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), pairs) }
}

/// The pieces of each number, each in the upper half of its word; the lower half is zero. Which way a half is
/// rounded does not matter: the next piece makes up for it, and what is left for the last one has eight bits
/// at most, unless it is below the smallest normal number: then bits in its lower half are left out, which
/// would otherwise get into the neighbour's half of the word.
#[inline]
#[target_feature(enable = "avx512f")]
fn cut(values: __m512) -> [__m512i; PIECES] {
    let (first, rest) = round(values);
    let (second, rest) = round(rest);
    let third = _mm512_and_si512(_mm512_castps_si512(rest), upper_half());
    [first, second, third]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn upper_half() -> __m512i {
    _mm512_set1_epi32(-0x10000)
}

/// The nearest bfloat16 of each number, and what is left of the number.
#[inline]
#[target_feature(enable = "avx512f")]
fn round(values: __m512) -> (__m512i, __m512) {
    let half = _mm512_set1_epi32(0x8000);
    let raised = _mm512_add_epi32(_mm512_castps_si512(values), half);
    let piece = _mm512_and_si512(raised, upper_half());
    let rest = _mm512_sub_ps(values, _mm512_castsi512_ps(piece));
    (piece, rest)
}

/// A tile for each piece of up to 16 lines of up to 32 numbers, `stride` apart: line after line. The tiles
/// lie `apart` words from each other in `out`.
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn along(
    source: &[f32],
    stride: usize,
    lines: usize,
    depth: usize,
    out: &mut [u32],
    apart: usize,
) {
    let mut upper = [0u16; 32];
    for (place, index) in upper.iter_mut().enumerate() {
        *index = 2 * place as u16 + 1;
    }
    // SAFETY: `upper` has 64 bytes.
    let upper = unsafe { _mm512_loadu_si512(upper.as_ptr().cast()) };
    for line in 0..ROWS {
        let numbers = match line < lines {
            true => &source[line * stride..][..depth],
            false => &[],
        };
        let (first, second) = numbers.split_at(numbers.len().min(16));
        let (low, high) = (cut(load(first)), cut(load(second)));
        for piece in 0..PIECES {
            let pairs = _mm512_permutex2var_epi16(low[piece], upper, high[piece]);
            store(pairs, &mut out[piece * apart + line * 16..]);
        }
    }
}

/// A tile for each piece of up to 32 lines of up to 16 numbers, `stride` apart: each row of the tile has
/// the pairs of two lines. The tiles lie `apart` words from each other in `out`.
#[target_feature(enable = "avx512f")]
pub(super) fn across(
    source: &[f32],
    stride: usize,
    lines: usize,
    width: usize,
    out: &mut [u32],
    apart: usize,
) {
    let line = |index: usize| match index < lines {
        true => &source[index * stride..][..width],
        false => &[],
    };
    for row in 0..ROWS {
        let (even, odd) = (cut(load(line(2 * row))), cut(load(line(2 * row + 1))));
        for piece in 0..PIECES {
            let lower = _mm512_srli_epi32(even[piece], 16);
            let pairs = _mm512_or_si512(lower, odd[piece]);
            store(pairs, &mut out[piece * apart + row * 16..]);
        }
    }
}

/// Exchanges rows and columns of a tile of words.
#[target_feature(enable = "avx512f")]
pub(super) fn transpose(tile: &mut [u32]) {
    let tile = &mut tile[..PAIRS];
    let row = |index: usize| {
        let words = &tile[index * 16..][..16];
        // SAFETY: sixteen words are there.
        unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
    };
    let rows: [__m512i; 16] = std::array::from_fn(row);
    let mut twos = rows;
    for i in 0..8 {
        twos[2 * i] = _mm512_unpacklo_epi32(rows[2 * i], rows[2 * i + 1]);
        twos[2 * i + 1] = _mm512_unpackhi_epi32(rows[2 * i], rows[2 * i + 1]);
    }
    let mut fours = twos;
    for i in 0..4 {
        let part = &twos[4 * i..4 * i + 4];
        fours[4 * i] = _mm512_unpacklo_epi64(part[0], part[2]);
        fours[4 * i + 1] = _mm512_unpackhi_epi64(part[0], part[2]);
        fours[4 * i + 2] = _mm512_unpacklo_epi64(part[1], part[3]);
        fours[4 * i + 3] = _mm512_unpackhi_epi64(part[1], part[3]);
    }
    for j in 0..4 {
        // A quarter of `fours[4 i + j]` has four rows of one column: bring a column's quarters together.
        let even_low = _mm512_shuffle_i32x4::<0x88>(fours[j], fours[4 + j]);
        let odd_low = _mm512_shuffle_i32x4::<0xdd>(fours[j], fours[4 + j]);
        let even_high = _mm512_shuffle_i32x4::<0x88>(fours[8 + j], fours[12 + j]);
        let odd_high = _mm512_shuffle_i32x4::<0xdd>(fours[8 + j], fours[12 + j]);
        let columns = [
            _mm512_shuffle_i32x4::<0x88>(even_low, even_high),
            _mm512_shuffle_i32x4::<0x88>(odd_low, odd_high),
            _mm512_shuffle_i32x4::<0xdd>(even_low, even_high),
            _mm512_shuffle_i32x4::<0xdd>(odd_low, odd_high),
        ];
        for (quarter, column) in columns.into_iter().enumerate() {
            store(column, &mut tile[(4 * quarter + j) * 16..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instruction_sets::{InstructionSet, InstructionSets};
    use crate::testing::random;

    fn number(word: u32, upper: bool) -> f32 {
        f32::from_bits(if upper {
            word & 0xffff_0000
        } else {
            word << 16
        })
    }

    fn supported() -> bool {
        InstructionSets::in_use().have(&[InstructionSet::Avx512F, InstructionSet::Avx512Bw])
    }

    #[test]
    fn three_pieces_are_the_number() {
        if !supported() {
            return;
        }
        let source: Vec<f32> = random(9 * 40, 3)
            .iter()
            .map(|x| x.exp() * x * 1e3)
            .collect();
        let (mut lines, mut pairs) = (vec![1; 3 * PAIRS], vec![1; 3 * PAIRS]);
        // SAFETY: the instructions are there.
        unsafe {
            along(&source, 40, 9, 29, &mut lines, PAIRS);
            across(&source, 40, 9, 13, &mut pairs, PAIRS);
        }
        for line in 0..16 {
            for place in 0..32 {
                let sum: f32 = (0..3)
                    .rev()
                    .map(|piece| {
                        number(lines[piece * PAIRS + line * 16 + place / 2], place % 2 == 1)
                    })
                    .sum();
                let expected = if line < 9 && place < 29 {
                    source[line * 40 + place]
                } else {
                    0.0
                };
                assert_eq!(sum, expected, "{line} {place}");
                let sum: f32 = (0..3)
                    .rev()
                    .map(|piece| {
                        number(pairs[piece * PAIRS + place / 2 * 16 + line], place % 2 == 1)
                    })
                    .sum();
                let expected = if place < 9 && line < 13 {
                    source[place * 40 + line]
                } else {
                    0.0
                };
                assert_eq!(sum, expected, "{place} {line}");
            }
        }
    }

    /// The last piece of such a number has bits where its neighbour's are.
    #[test]
    fn numbers_below_the_normal_ones_leave_their_neighbours_alone() {
        if !supported() {
            return;
        }
        let tiny = [0x0000_7fff, 0x0000_7f01, 0x0080_7f81, 0x0100_0003].map(f32::from_bits);
        let mut source = vec![0.0; 32 * 16];
        for line in 0..16 {
            source[line * 32..][..16].fill(1.0 + line as f32);
            source[line * 32 + 16..][..16].fill(tiny[line % tiny.len()]);
        }
        let mut pairs = vec![1; 3 * PAIRS];
        // SAFETY: the instructions are there.
        unsafe { across(&source, 16, 32, 16, &mut pairs, PAIRS) };
        for (place, &word) in pairs.iter().enumerate() {
            let (piece, row) = (place / PAIRS, place % PAIRS / 16);
            let expected = if piece == 0 { 1.0 + row as f32 } else { 0.0 };
            assert_eq!(number(word, false), expected, "{piece} {row}");
            assert!(number(word, true).abs() < 1e-37, "{piece} {row}");
        }
    }

    #[test]
    fn transposing_moves_every_word() {
        if !supported() {
            return;
        }
        let mut tile: Vec<u32> = (0..256).collect();
        // SAFETY: the instructions are there.
        unsafe { transpose(&mut tile) };
        for row in 0..16 {
            for column in 0..16 {
                assert_eq!(tile[row * 16 + column], (column * 16 + row) as u32);
            }
        }
    }
}
