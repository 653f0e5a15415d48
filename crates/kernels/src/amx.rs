//! The tile registers of x86-64 processors (Intel AMX): whether this process may use them, and their set-up.
//!
//! The compiler's own functions for them are not stable, so the instructions are written out.

use std::arch::asm;
use std::sync::OnceLock;

/// What this processor's tiles can multiply, and the operating system's leave to use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amx {
    /// Pairs of bfloat16, summed in single precision.
    pub bfloat16: bool,
    /// Fours of bytes, summed in 32-bit integers.
    pub int8: bool,
}

impl Amx {
    /// What there is, or `None`.
    pub fn get() -> Option<Self> {
        static FOUND: OnceLock<Option<Amx>> = OnceLock::new();
        *FOUND.get_or_init(detect)
    }

    /// Runs `work` with all eight tile registers set to 16 rows of 64 bytes. What is in them does not
    /// outlive the call.
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
        unsafe { asm!("tilerelease", options(nomem, nostack, preserves_flags)) };
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

fn detect() -> Option<Amx> {
    use std::arch::x86_64::{__cpuid, __cpuid_count};

    // Packing for the tiles is written with these.
    let vectors = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
    if !vectors || __cpuid(0).eax < 7 {
        return None;
    }
    let features = __cpuid_count(7, 0).edx;
    let has = |bit: u32| features & (1 << bit) != 0;
    (has(24) && permitted()).then_some(Amx {
        bfloat16: has(22),
        int8: has(25),
    })
}

/// Asks Linux to save and restore this process's tiles; without that they must not be touched.
#[cfg(target_os = "linux")]
fn permitted() -> bool {
    const ARCH_PRCTL: i64 = 158;
    const ARCH_REQ_XCOMP_PERM: i64 = 0x1023;
    const XFEATURE_XTILEDATA: i64 = 18;
    let result: i64;
    // SAFETY: a system call that changes nothing but this process's permission; it clobbers rcx and r11.
    unsafe {
        asm!("syscall", inlateout("rax") ARCH_PRCTL => result,
             in("rdi") ARCH_REQ_XCOMP_PERM, in("rsi") XFEATURE_XTILEDATA,
             out("rcx") _, out("r11") _, options(nostack));
    }
    result == 0
}

/// How other systems grant it is not known here.
#[cfg(not(target_os = "linux"))]
fn permitted() -> bool {
    false
}
