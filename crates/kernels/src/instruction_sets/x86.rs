//! Detection of an x86-64 processor's instruction sets. The only file that asks the processor.

#![expect(clippy::disallowed_macros, reason = "here alone, before any cap")]

use std::arch::is_x86_feature_detected;
use std::arch::x86_64::{__cpuid, __cpuid_count};

use super::set::InstructionSet;

pub(super) fn has(set: InstructionSet) -> bool {
    match set {
        InstructionSet::Neon => false,
        InstructionSet::Avx2 => is_x86_feature_detected!("avx2"),
        InstructionSet::Fma => is_x86_feature_detected!("fma"),
        InstructionSet::F16c => is_x86_feature_detected!("f16c"),
        InstructionSet::AvxVnni => is_x86_feature_detected!("avxvnni"),
        InstructionSet::Avx512F => is_x86_feature_detected!("avx512f") || common(),
        InstructionSet::Avx512Bw => is_x86_feature_detected!("avx512bw") || common(),
        InstructionSet::Avx512Dq => is_x86_feature_detected!("avx512dq") || common(),
        InstructionSet::Avx512Vl => is_x86_feature_detected!("avx512vl") || common(),
        InstructionSet::Avx512Vbmi => is_x86_feature_detected!("avx512vbmi"),
        InstructionSet::Avx512Vnni => is_x86_feature_detected!("avx512vnni"),
        InstructionSet::AmxBf16 => tiles(22),
        InstructionSet::AmxInt8 => tiles(25),
    }
}

/// Whether the processor has the sets that all with AVX-512 have had since 2016. macOS hides them until they are
/// used, so that asking the processor alone does not find them there.
fn common() -> bool {
    rten_simd::is_avx512_supported()
}

/// Whether there are tile registers with the products that a bit stands for.
fn tiles(bit: u32) -> bool {
    // Packing for the tiles is written with these.
    let vectors = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
    if !vectors || __cpuid(0).eax < 7 {
        return false;
    }
    let features = __cpuid_count(7, 0).edx;
    let has = |bit: u32| features & (1 << bit) != 0;
    has(24) && has(bit) && permitted()
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
        std::arch::asm!("syscall", inlateout("rax") ARCH_PRCTL => result,
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
