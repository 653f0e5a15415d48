//! Instructions of x86 processors that put bytes in their places.

use std::arch::x86_64::*;

use super::{BYTES, Line, MOST, PAIR};
use crate::instruction_sets::{InstructionSet, InstructionSets};
use crate::matmul::{COLUMNS, Matrix};

/// A way to multiply. Values come from [`all`] alone, which asks what there is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Extension {
    /// Bytes are moved within 128 bits.
    Avx2,
    /// Bytes are moved within 512 bits.
    Avx512Vbmi,
}

/// Extensions that the processor has and the cap allows, the fastest last.
pub(super) fn all() -> Vec<Extension> {
    let sets = InstructionSets::in_use();
    let mut all = Vec::new();
    if sets.have(&[InstructionSet::Avx2, InstructionSet::Fma]) {
        all.push(Extension::Avx2);
    }
    if sets.have(&[InstructionSet::Avx512F, InstructionSet::Avx512Vbmi]) {
        all.push(Extension::Avx512Vbmi);
    }
    all
}

/// Bytes of a row of a panel.
const ROW: usize = COLUMNS * BYTES;

/// How far ahead the panel is called for, in bytes: it comes from beyond the second-level cache.
const AHEAD: usize = 3072;

/// Of four bytes, the upper three.
const UPPER: u64 = 0xeeee_eeee_eeee_eeee;

impl Extension {
    /// The products of the integers of a panel, times 256, with some rows of `a` from `first` on; says how many.
    #[inline(always)]
    pub(super) fn multiply(
        self,
        a: Matrix,
        first: usize,
        lines: &[Line],
        sums: &mut [[f32; COLUMNS]; MOST],
    ) -> usize {
        let (count, data) = (a.rows - first, &a.data[first * a.row_stride..]);
        assert!(lines.len() >= a.columns.div_ceil(2) * PAIR);
        let rows = Rows {
            data,
            stride: a.row_stride,
            depth: a.columns,
        };
        // SAFETY: the processor has the extension, see `Extension`; the panel has as many rows as `a` columns.
        unsafe {
            match self {
                Self::Avx2 => match count {
                    1 => avx2::<1>(rows, lines, sums),
                    2 => avx2::<2>(rows, lines, sums),
                    _ => avx2::<3>(rows, lines, sums),
                },
                Self::Avx512Vbmi => match count {
                    1 => avx512::<1>(rows, lines, sums),
                    2 => avx512::<2>(rows, lines, sums),
                    3 => avx512::<3>(rows, lines, sums),
                    4 => avx512::<4>(rows, lines, sums),
                    5 => avx512::<5>(rows, lines, sums),
                    6 => avx512::<6>(rows, lines, sums),
                    7 => avx512::<7>(rows, lines, sums),
                    _ => avx512::<8>(rows, lines, sums),
                },
            }
        }
    }
}

/// Some rows of numbers.
#[derive(Clone, Copy)]
struct Rows<'a> {
    data: &'a [f32],
    stride: usize,
    depth: usize,
}

impl<'a> Rows<'a> {
    #[inline(always)]
    fn first<const R: usize>(self) -> [&'a [f32]; R] {
        std::array::from_fn(|row| &self.data[row * self.stride..][..self.depth])
    }
}

/// Calls for a line, which need not exist.
#[inline(always)]
fn call(line: *const u8) {
    // SAFETY: a hint, which reads nothing.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(line.cast()) }
}

/// # Safety
/// The panel must have `rows.depth` rows.
#[target_feature(enable = "avx512f,avx512vbmi")]
#[expect(
    clippy::needless_range_loop,
    reason = "with iterators the sums leave the registers"
)]
unsafe fn avx512<const R: usize>(
    rows: Rows,
    panel: &[Line],
    sums: &mut [[f32; COLUMNS]; MOST],
) -> usize {
    let a = rows.first::<R>();
    // Where in 64 bytes the sixteen integers of either half lie; the halves are read 32 bytes apart.
    let places = |skipped: usize| {
        let place = |byte: usize| (skipped + byte / 4 * BYTES + byte % 4).wrapping_sub(1) as u8;
        std::array::from_fn::<u8, 64, _>(place)
    };
    let (low, high) = (places(0), places(ROW / 2 - 32));
    let bytes = panel.as_ptr().cast::<u8>();
    let mut totals = [[_mm512_setzero_ps(); 2]; R];
    // SAFETY: the arrays are one vector long.
    let (low, high) = unsafe {
        (
            _mm512_loadu_si512(low.as_ptr().cast()),
            _mm512_loadu_si512(high.as_ptr().cast()),
        )
    };
    for k in 0..rows.depth {
        let row = bytes.wrapping_add(k * ROW);
        if k % 2 == 0 {
            for line in 0..PAIR {
                call(row.wrapping_add(AHEAD + line * size_of::<Line>()));
            }
        }
        // SAFETY: the panel has this row, whose 96 bytes hold both vectors.
        let (first, second) = unsafe {
            (
                _mm512_loadu_si512(row.cast()),
                _mm512_loadu_si512(row.add(32).cast()),
            )
        };
        let first = _mm512_cvtepi32_ps(_mm512_maskz_permutexvar_epi8(UPPER, low, first));
        let second = _mm512_cvtepi32_ps(_mm512_maskz_permutexvar_epi8(UPPER, high, second));
        for r in 0..R {
            let x = _mm512_set1_ps(a[r][k]);
            totals[r][0] = _mm512_fmadd_ps(x, first, totals[r][0]);
            totals[r][1] = _mm512_fmadd_ps(x, second, totals[r][1]);
        }
    }
    for r in 0..R {
        let out = &mut sums[r];
        // SAFETY: a row of sums is two vectors long.
        unsafe {
            _mm512_storeu_ps(out.as_mut_ptr(), totals[r][0]);
            _mm512_storeu_ps(out.as_mut_ptr().add(16), totals[r][1]);
        }
    }
    R
}

/// Vectors of eight numbers in a row of a panel.
const EIGHTS: usize = COLUMNS / 8;

/// # Safety
/// The panel must have `rows.depth` rows.
#[target_feature(enable = "avx2,fma")]
#[expect(
    clippy::needless_range_loop,
    reason = "with iterators the sums leave the registers"
)]
unsafe fn avx2<const R: usize>(
    rows: Rows,
    panel: &[Line],
    sums: &mut [[f32; COLUMNS]; MOST],
) -> usize {
    let a = rows.first::<R>();
    // Where in sixteen bytes four integers lie: the lower half is read from its first byte on, the upper one
    // up to its last.
    let places = _mm256_setr_epi8(
        -1, 0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, 4, 5, 6, -1, 7, 8, 9, -1, 10, 11,
        12, -1, 13, 14, 15,
    );
    let bytes = panel.as_ptr().cast::<u8>();
    let mut totals = [[_mm256_setzero_ps(); EIGHTS]; R];
    for k in 0..rows.depth {
        let row = bytes.wrapping_add(k * ROW);
        if k % 2 == 0 {
            for line in 0..PAIR {
                call(row.wrapping_add(AHEAD + line * size_of::<Line>()));
            }
        }
        for part in 0..EIGHTS {
            // SAFETY: the panel has this row, and 24 bytes of it are this part.
            let (lower, upper) = unsafe {
                let part = row.add(part * 8 * BYTES);
                (
                    _mm_loadu_si128(part.cast()),
                    _mm_loadu_si128(part.add(8).cast()),
                )
            };
            let both = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(lower), upper);
            let weights = _mm256_cvtepi32_ps(_mm256_shuffle_epi8(both, places));
            for r in 0..R {
                let x = _mm256_set1_ps(a[r][k]);
                totals[r][part] = _mm256_fmadd_ps(x, weights, totals[r][part]);
            }
        }
    }
    for r in 0..R {
        for (part, &total) in totals[r].iter().enumerate() {
            // SAFETY: a row of sums is four vectors long.
            unsafe { _mm256_storeu_ps(sums[r].as_mut_ptr().add(8 * part), total) }
        }
    }
    R
}
