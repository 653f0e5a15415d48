//! The tile kernel: up to 32 packed rows times a panel of 32 packed columns.

use std::arch::asm;
use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

use super::panels::BLOCK;
use super::split::{DEPTH, PAIRS, PIECES};
use crate::matmul::MatrixMut;

/// Words of the left-hand side's tiles for 16 rows and 32 columns.
pub(super) const LEFT: usize = PIECES * PAIRS;

/// Bytes from one row of a tile to the next in packed operands.
const PACKED_STRIDE: usize = 64;

/// A whole tile block of the output: its numbers, and bytes from row to row.
#[derive(Clone, Copy)]
struct Place {
    data: *mut f32,
    stride: usize,
}

/// Sums the products of `blocks` blocks in tiles 0 to 3: two tiles of rows by two of columns. They begin with
/// what is at `place`, or with zeros, and end there. Of the nine products of pieces, the six of the largest size
/// are made; the other three are below the last bit of single precision. Each operand is loaded as seldom as
/// eight registers allow.
///
/// Everything is one block of assembly: what is in a tile does not outlive it.
///
/// # Safety
/// The tile registers are set up, `blocks` is not zero, `low` and `high` point at `blocks * LEFT` words, `panel`
/// at `blocks * BLOCK`, and `place` has 32 rows of 32 numbers.
#[inline(always)]
unsafe fn four(
    blocks: usize,
    low: *const u32,
    high: *const u32,
    panel: *const u32,
    place: Place,
    accumulate: bool,
) {
    let Place { data, stride } = place;
    // SAFETY: the caller's promise; packed operands and the place are read, and the place is written.
    unsafe {
        asm!(
            "test {c}, {c}",
            "jz 3f",
            "tileloadd tmm0, [{o} + {t}]",
            "tileloadd tmm1, [{o} + {t} + 64]",
            "tileloadd tmm2, [{q} + {t}]",
            "tileloadd tmm3, [{q} + {t} + 64]",
            "jmp 2f",
            "3:",
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tilezero tmm3",
            "2:",
            "tileloadd tmm6, [{p} + {s} + 4096]",
            "tileloadd tmm4, [{a} + {s}]",
            "tileloadd tmm7, [{p} + {s} + 5120]",
            "tileloadd tmm5, [{b} + {s}]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "prefetcht0 [{p} + 12288]",
            "prefetcht0 [{p} + 12352]",
            "prefetcht0 [{p} + 12416]",
            "prefetcht0 [{p} + 12480]",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "prefetcht0 [{p} + 12544]",
            "prefetcht0 [{p} + 12608]",
            "prefetcht0 [{p} + 12672]",
            "prefetcht0 [{p} + 12736]",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "prefetcht0 [{p} + 12800]",
            "prefetcht0 [{p} + 12864]",
            "prefetcht0 [{p} + 12928]",
            "prefetcht0 [{p} + 12992]",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "prefetcht0 [{p} + 13056]",
            "prefetcht0 [{p} + 13120]",
            "prefetcht0 [{p} + 13184]",
            "prefetcht0 [{p} + 13248]",
            "tileloadd tmm6, [{p} + {s} + 2048]",
            "tileloadd tmm7, [{p} + {s} + 3072]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "prefetcht0 [{p} + 13312]",
            "prefetcht0 [{p} + 13376]",
            "prefetcht0 [{p} + 13440]",
            "prefetcht0 [{p} + 13504]",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "prefetcht0 [{p} + 13568]",
            "prefetcht0 [{p} + 13632]",
            "prefetcht0 [{p} + 13696]",
            "prefetcht0 [{p} + 13760]",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "prefetcht0 [{p} + 13824]",
            "prefetcht0 [{p} + 13888]",
            "prefetcht0 [{p} + 13952]",
            "prefetcht0 [{p} + 14016]",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "prefetcht0 [{p} + 14080]",
            "prefetcht0 [{p} + 14144]",
            "prefetcht0 [{p} + 14208]",
            "prefetcht0 [{p} + 14272]",
            "tileloadd tmm4, [{a} + {s} + 1024]",
            "tileloadd tmm5, [{b} + {s} + 1024]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "prefetcht0 [{p} + 14336]",
            "prefetcht0 [{p} + 14400]",
            "prefetcht0 [{p} + 14464]",
            "prefetcht0 [{p} + 14528]",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "prefetcht0 [{p} + 14592]",
            "prefetcht0 [{p} + 14656]",
            "prefetcht0 [{p} + 14720]",
            "prefetcht0 [{p} + 14784]",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "prefetcht0 [{p} + 14848]",
            "prefetcht0 [{p} + 14912]",
            "prefetcht0 [{p} + 14976]",
            "prefetcht0 [{p} + 15040]",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "prefetcht0 [{p} + 15104]",
            "prefetcht0 [{p} + 15168]",
            "prefetcht0 [{p} + 15232]",
            "prefetcht0 [{p} + 15296]",
            "tileloadd tmm6, [{p} + {s}]",
            "tileloadd tmm7, [{p} + {s} + 1024]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "prefetcht0 [{p} + 15360]",
            "prefetcht0 [{p} + 15424]",
            "prefetcht0 [{p} + 15488]",
            "prefetcht0 [{p} + 15552]",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "prefetcht0 [{p} + 15616]",
            "prefetcht0 [{p} + 15680]",
            "prefetcht0 [{p} + 15744]",
            "prefetcht0 [{p} + 15808]",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "prefetcht0 [{p} + 15872]",
            "prefetcht0 [{p} + 15936]",
            "prefetcht0 [{p} + 16000]",
            "prefetcht0 [{p} + 16064]",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "prefetcht0 [{p} + 16128]",
            "prefetcht0 [{p} + 16192]",
            "prefetcht0 [{p} + 16256]",
            "prefetcht0 [{p} + 16320]",
            "tileloadd tmm4, [{a} + {s} + 2048]",
            "tileloadd tmm5, [{b} + {s} + 2048]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "prefetcht0 [{p} + 16384]",
            "prefetcht0 [{p} + 16448]",
            "prefetcht0 [{p} + 16512]",
            "prefetcht0 [{p} + 16576]",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "prefetcht0 [{p} + 16640]",
            "prefetcht0 [{p} + 16704]",
            "prefetcht0 [{p} + 16768]",
            "prefetcht0 [{p} + 16832]",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "prefetcht0 [{p} + 16896]",
            "prefetcht0 [{p} + 16960]",
            "prefetcht0 [{p} + 17024]",
            "prefetcht0 [{p} + 17088]",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "prefetcht0 [{p} + 17152]",
            "prefetcht0 [{p} + 17216]",
            "prefetcht0 [{p} + 17280]",
            "prefetcht0 [{p} + 17344]",
            "tileloadd tmm4, [{a} + {s}]",
            "tileloadd tmm5, [{b} + {s}]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "prefetcht0 [{p} + 17408]",
            "prefetcht0 [{p} + 17472]",
            "prefetcht0 [{p} + 17536]",
            "prefetcht0 [{p} + 17600]",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "prefetcht0 [{p} + 17664]",
            "prefetcht0 [{p} + 17728]",
            "prefetcht0 [{p} + 17792]",
            "prefetcht0 [{p} + 17856]",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "prefetcht0 [{p} + 17920]",
            "prefetcht0 [{p} + 17984]",
            "prefetcht0 [{p} + 18048]",
            "prefetcht0 [{p} + 18112]",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "prefetcht0 [{p} + 18176]",
            "prefetcht0 [{p} + 18240]",
            "prefetcht0 [{p} + 18304]",
            "prefetcht0 [{p} + 18368]",
            "add {a}, 3072",
            "add {b}, 3072",
            "add {p}, 6144",
            "dec {n}",
            "jnz 2b",
            "tilestored [{o} + {t}], tmm0",
            "tilestored [{o} + {t} + 64], tmm1",
            "tilestored [{q} + {t}], tmm2",
            "tilestored [{q} + {t} + 64], tmm3",
            a = inout(reg) low => _,
            b = inout(reg) high => _,
            p = inout(reg) panel => _,
            n = inout(reg) blocks => _,
            s = in(reg) PACKED_STRIDE,
            o = in(reg) data,
            q = in(reg) data.byte_add(16 * stride),
            t = in(reg) stride,
            c = in(reg) usize::from(accumulate),
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        );
    }
}

/// As [`four`], for one tile of rows: sums in tiles 0 and 1, in the same order.
///
/// # Safety
/// As for [`four`], but `place` has 16 rows.
#[inline(always)]
unsafe fn two(blocks: usize, low: *const u32, panel: *const u32, place: Place, accumulate: bool) {
    let Place { data, stride } = place;
    // SAFETY: the caller's promise; packed operands and the place are read, and the place is written.
    unsafe {
        asm!(
            "test {c}, {c}",
            "jz 3f",
            "tileloadd tmm0, [{o} + {t}]",
            "tileloadd tmm1, [{o} + {t} + 64]",
            "jmp 2f",
            "3:",
            "tilezero tmm0",
            "tilezero tmm1",
            "2:",
            "tileloadd tmm4, [{a} + {s}]",
            "tileloadd tmm6, [{p} + {s} + 4096]",
            "tileloadd tmm7, [{p} + {s} + 5120]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tileloadd tmm6, [{p} + {s} + 2048]",
            "tileloadd tmm7, [{p} + {s} + 3072]",
            "tileloadd tmm5, [{a} + {s} + 1024]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm0, tmm5, tmm6",
            "tdpbf16ps tmm1, tmm5, tmm7",
            "tileloadd tmm6, [{p} + {s}]",
            "tileloadd tmm7, [{p} + {s} + 1024]",
            "tdpbf16ps tmm0, tmm5, tmm6",
            "tdpbf16ps tmm1, tmm5, tmm7",
            "tileloadd tmm5, [{a} + {s} + 2048]",
            "tdpbf16ps tmm0, tmm5, tmm6",
            "tdpbf16ps tmm1, tmm5, tmm7",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "add {a}, 3072",
            "add {p}, 6144",
            "dec {n}",
            "jnz 2b",
            "tilestored [{o} + {t}], tmm0",
            "tilestored [{o} + {t} + 64], tmm1",
            a = inout(reg) low => _,
            p = inout(reg) panel => _,
            n = inout(reg) blocks => _,
            s = in(reg) PACKED_STRIDE,
            o = in(reg) data,
            t = in(reg) stride,
            c = in(reg) usize::from(accumulate),
            out("tmm0") _, out("tmm1") _, out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        );
    }
}

#[repr(C, align(64))]
struct Edge([[f32; 32]; 32]);

/// Packed operands of a block of the output.
#[derive(Clone, Copy)]
pub(super) struct Operands<'a> {
    /// Tiles of the first 16 rows.
    pub low: &'a [u32],
    /// Tiles of the 16 rows after them; empty if there are none.
    pub high: &'a [u32],
    /// Tiles of 32 columns.
    pub panel: &'a [u32],
}

/// `out = left panel`, or `out += left panel`, for at most 32 rows and 32 columns.
///
/// # Safety
/// The tile registers are set up.
#[inline(always)]
pub(super) unsafe fn multiply(operands: Operands, mut out: MatrixMut, accumulate: bool) {
    let Operands { low, high, panel } = operands;
    let blocks = panel.len() / BLOCK;
    let (rows, columns) = (out.rows(), out.columns());
    let both = rows > 16;
    assert!(blocks > 0 && low.len() == blocks * LEFT);
    assert!(!both || high.len() == blocks * LEFT);
    assert!(rows > 0 && rows <= 32 && columns > 0 && columns <= 32);
    let run = |place: Place| {
        // SAFETY: tiles are set up; the packed operands have the asserted lengths, of one block at least; `place`
        // is a whole block.
        unsafe {
            if both {
                four(
                    blocks,
                    low.as_ptr(),
                    high.as_ptr(),
                    panel.as_ptr(),
                    place,
                    accumulate,
                );
            } else {
                two(blocks, low.as_ptr(), panel.as_ptr(), place, accumulate);
            }
        }
    };
    if columns == 32 && rows.is_multiple_of(16) {
        // The output comes into the cache while the sums are made.
        for row in 0..rows {
            for column in [0, 16] {
                // SAFETY: a hint, for a place that exists.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(out.pointer(row, column).cast()) };
            }
        }
        run(Place {
            data: out.pointer(0, 0),
            stride: 4 * out.stride(),
        });
        return;
    }
    // Like every whole block, an edge begins with what is there: the order of the sum is the same.
    let mut edge = Edge([[0.0; 32]; 32]);
    if accumulate {
        for row in 0..rows {
            edge.0[row][..columns].copy_from_slice(out.row(row));
        }
    }
    run(Place {
        data: edge.0.as_mut_ptr().cast(),
        stride: 128,
    });
    for row in 0..rows {
        out.row(row).copy_from_slice(&edge.0[row][..columns]);
    }
}

/// 32-column blocks in `depth` numbers.
pub(super) fn blocks(depth: usize) -> usize {
    depth.div_ceil(DEPTH)
}
