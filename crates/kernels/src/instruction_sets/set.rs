//! One set of instructions.

use super::cap::Cap;

/// A set of instructions that some processors of an architecture have and that a kernel here is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstructionSet {
    /// Vectors of 128 bits on ARM.
    Neon,
    /// Integers in vectors of 256 bits.
    Avx2,
    /// Products and sums in one step.
    Fma,
    /// Numbers of half precision, to and from single precision.
    F16c,
    /// Products of bytes in vectors of 256 bits.
    AvxVnni,
    /// Vectors of 512 bits.
    Avx512F,
    /// Bytes and 16-bit integers in them.
    Avx512Bw,
    /// 32-bit and 64-bit integers in them.
    Avx512Dq,
    /// The same for shorter vectors.
    Avx512Vl,
    /// Bytes moved anywhere in 512 bits.
    Avx512Vbmi,
    /// Products of bytes in vectors of 512 bits.
    Avx512Vnni,
    /// Products of tiles of bfloat16.
    AmxBf16,
    /// Products of tiles of bytes.
    AmxInt8,
}

impl InstructionSet {
    /// All, in the order in which they are listed.
    pub const ALL: [Self; 13] = [
        Self::Neon,
        Self::Avx2,
        Self::Fma,
        Self::F16c,
        Self::AvxVnni,
        Self::Avx512F,
        Self::Avx512Bw,
        Self::Avx512Dq,
        Self::Avx512Vl,
        Self::Avx512Vbmi,
        Self::Avx512Vnni,
        Self::AmxBf16,
        Self::AmxInt8,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Neon => "neon",
            Self::Avx2 => "avx2",
            Self::Fma => "fma",
            Self::F16c => "f16c",
            Self::AvxVnni => "avx-vnni",
            Self::Avx512F => "avx512f",
            Self::Avx512Bw => "avx512bw",
            Self::Avx512Dq => "avx512dq",
            Self::Avx512Vl => "avx512vl",
            Self::Avx512Vbmi => "avx512-vbmi",
            Self::Avx512Vnni => "avx512-vnni",
            Self::AmxBf16 => "amx-bf16",
            Self::AmxInt8 => "amx-int8",
        }
    }

    /// The lowest cap that allows it.
    pub fn cap(self) -> Cap {
        match self {
            Self::Neon | Self::Avx2 | Self::Fma | Self::F16c => Cap::Avx2,
            // Younger than AVX-512, though its vectors are shorter.
            Self::AvxVnni
            | Self::Avx512F
            | Self::Avx512Bw
            | Self::Avx512Dq
            | Self::Avx512Vl
            | Self::Avx512Vbmi
            | Self::Avx512Vnni => Cap::Avx512,
            Self::AmxBf16 | Self::AmxInt8 => Cap::Amx,
        }
    }

    /// Whether this processor has it and the operating system lets this process use it.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn is_there(self) -> bool {
        super::x86::has(self)
    }

    /// Whether this processor has it and the operating system lets this process use it.
    #[cfg(target_arch = "aarch64")]
    pub(super) fn is_there(self) -> bool {
        self == Self::Neon && rten_simd::isa::ArmNeonIsa::new().is_some()
    }

    /// Whether this processor has it and the operating system lets this process use it.
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    pub(super) fn is_there(self) -> bool {
        false
    }
}
