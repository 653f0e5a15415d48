//! The tile registers of x86-64 processors (Intel AMX): what they multiply, and their set-up.
//!
//! The compiler's own functions for them are not stable, so the instructions are written out.

use std::arch::asm;

use crate::instruction_sets::{InstructionSet, InstructionSets};

/// Products that this processor's tiles can compute; a value exists only where the operating system permits them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amx {
    /// Pairs of bfloat16, summed in single precision.
    pub bfloat16: bool,
    /// Fours of bytes, summed in 32-bit integers.
    pub int8: bool,
}

impl Amx {
    /// Products that the processor has and the cap allows; `None` where there are none.
    pub fn get() -> Option<Self> {
        let sets = InstructionSets::in_use();
        let found = Self {
            bfloat16: sets.has(InstructionSet::AmxBf16),
            int8: sets.has(InstructionSet::AmxInt8),
        };
        (found.bfloat16 || found.int8).then_some(found)
    }

    /// Runs `work` with all eight tile registers set to 16 rows of 64 bytes. What is in them does not
    /// outlive the call, nor a block of assembly in `work`: the compiler keeps no tile from one to the next. The
    /// shapes hold until the end, for the compiler knows nothing of the register that has them. `work` must not
    /// come here again.
    #[inline(always)]
    pub fn with_tiles<R>(self, work: impl FnOnce() -> R) -> R {
        static SHAPES: Shapes = Shapes::new();
        // SAFETY: an `Amx` exists only where the processor has tiles and the operating system lets this
        // process use them; `SHAPES` is a valid 64-byte configuration.
        unsafe {
            asm!("ldtilecfg [{}]", in(reg) &SHAPES,
                 out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                 out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                 options(nostack, preserves_flags));
        }
        let result = work();
        // SAFETY: as above. Tiles in use make every switch of threads dearer, so they are given up.
        unsafe {
            asm!("tilerelease",
                 out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                 out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                 options(nomem, nostack, preserves_flags));
        }
        result
    }
}

/// The operand of `ldtilecfg`.
#[repr(C, align(64))]
struct Shapes {
    palette: u8,
    start: u8,
    reserved: [u8; 14],
    bytes_a_row: [u16; 16],
    rows: [u8; 16],
}

impl Shapes {
    const fn new() -> Self {
        let mut shapes = Self {
            palette: 1,
            start: 0,
            reserved: [0; 14],
            bytes_a_row: [0; 16],
            rows: [0; 16],
        };
        let mut tile = 0;
        while tile < 8 {
            shapes.bytes_a_row[tile] = 64;
            shapes.rows[tile] = 16;
            tile += 1;
        }
        shapes
    }
}
