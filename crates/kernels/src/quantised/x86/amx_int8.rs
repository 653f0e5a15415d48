//! AMX: sixteen rows of 64 unsigned bytes times 64 signed bytes of sixteen columns in one instruction. A
//! step is sixteen groups of a panel, which are two tiles side by side; the activations are tiles as they
//! are. They are 128 too large; the offsets make up for it.

use std::arch::asm;
use std::mem::MaybeUninit;

use crate::quantised::line::{self, Line};
use crate::quantised::tile::Target;
use crate::quantised::weights::{COLUMNS, Group, Slab};

/// Rows of a tile register.
const HALF: usize = line::ROWS;

/// Rows multiplied at a time: two by two tiles of sums are fed by two of activations and two of weights.
pub(super) const ROWS: usize = 2 * HALF;

/// So many rows and fewer are faster without tiles.
pub(super) const FEW: usize = 5;

/// Sums of sixteen columns side by side with those of the next sixteen.
#[repr(C, align(64))]
struct Sums([[i32; COLUMNS]; ROWS]);

/// Multiplies at most [`ROWS`] rows by a panel. `lines` holds whole tiles of rows.
///
/// # Safety
/// The tile registers must be set up for 16 rows of 64 bytes.
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) unsafe fn tile(
    lines: &[Line],
    panel: &[Slab],
    offsets: &[i32; COLUMNS],
    target: Target,
) {
    let mut sums = MaybeUninit::uninit();
    let count = target.out.len();
    let tiles = count.div_ceil(HALF);
    let lines = &lines[..tiles * HALF * panel.len()];
    // SAFETY: the tile registers are set up; `lines` holds whole tiles, and what is read of the sums are the
    // rows that were written. The assembly may, for all that the compiler can assume, have written the others too.
    let sums: &Sums = unsafe {
        match tiles {
            1 => one(lines, panel, &mut sums),
            _ => two(lines, panel, &mut sums),
        }
        sums.assume_init_ref()
    };
    target.put(&sums.0[..count], offsets);
}

/// Thirty-two rows.
///
/// # Safety
/// The tile registers must be set up; `lines` must hold as many rows.
#[inline(always)]
unsafe fn two(lines: &[Line], panel: &[Slab], sums: &mut MaybeUninit<Sums>) {
    let stride = size_of::<Line>() * panel.len();
    // SAFETY: each of the `panel.len()` rounds reads a line of each row and a slab; the sums are four tiles.
    unsafe {
        asm!(
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tilezero tmm3",
            "test {steps}, {steps}",
            "jz 3f",
            "2:",
            "tileloadd tmm6, [{b} + {group}]",
            "tileloadd tmm4, [{upper} + {row}]",
            "tileloadd tmm7, [{b} + {group} + 64]",
            "tileloadd tmm5, [{lower} + {row}]",
            "tdpbusd tmm0, tmm4, tmm6",
            "tdpbusd tmm1, tmm4, tmm7",
            "tdpbusd tmm2, tmm5, tmm6",
            "tdpbusd tmm3, tmm5, tmm7",
            "add {upper}, 64",
            "add {lower}, 64",
            "add {b}, {slab}",
            "dec {steps}",
            "jnz 2b",
            "3:",
            "tilestored [{sums} + {group}], tmm0",
            "tilestored [{sums} + {group} + 64], tmm1",
            "tilestored [{sums} + {group} + {half}], tmm2",
            "tilestored [{sums} + {group} + {half} + 64], tmm3",
            upper = inout(reg) lines.as_ptr() => _,
            lower = inout(reg) lines.as_ptr().add(HALF * panel.len()) => _,
            b = inout(reg) panel.as_ptr() => _,
            steps = inout(reg) panel.len() => _,
            row = in(reg) stride,
            group = in(reg) size_of::<Group>(),
            sums = in(reg) sums.as_mut_ptr(),
            slab = const size_of::<Slab>(),
            half = const size_of::<Sums>() / 2,
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        );
    }
}

/// Sixteen rows.
///
/// # Safety
/// The tile registers must be set up; `lines` must hold as many rows.
#[inline(always)]
unsafe fn one(lines: &[Line], panel: &[Slab], sums: &mut MaybeUninit<Sums>) {
    let stride = size_of::<Line>() * panel.len();
    // SAFETY: each of the `panel.len()` rounds reads a line of each row and a slab; the sums are two tiles.
    unsafe {
        asm!(
            "tilezero tmm0",
            "tilezero tmm1",
            "test {steps}, {steps}",
            "jz 3f",
            "2:",
            "tileloadd tmm4, [{a} + {row}]",
            "tileloadd tmm6, [{b} + {group}]",
            "tileloadd tmm7, [{b} + {group} + 64]",
            "tdpbusd tmm0, tmm4, tmm6",
            "tdpbusd tmm1, tmm4, tmm7",
            "add {a}, 64",
            "add {b}, {slab}",
            "dec {steps}",
            "jnz 2b",
            "3:",
            "tilestored [{sums} + {group}], tmm0",
            "tilestored [{sums} + {group} + 64], tmm1",
            a = inout(reg) lines.as_ptr() => _,
            b = inout(reg) panel.as_ptr() => _,
            steps = inout(reg) panel.len() => _,
            row = in(reg) stride,
            group = in(reg) size_of::<Group>(),
            sums = in(reg) sums.as_mut_ptr(),
            slab = const size_of::<Slab>(),
            out("tmm0") _, out("tmm1") _, out("tmm4") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        );
    }
}
