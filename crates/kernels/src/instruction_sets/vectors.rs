//! Which vectors the operations that are written for any length run in.

#[cfg(target_arch = "x86_64")]
use rten_simd::Isa;
use rten_simd::SimdOp;
#[cfg(target_arch = "aarch64")]
use rten_simd::isa::ArmNeonIsa;
use rten_simd::isa::GenericIsa;
#[cfg(target_arch = "x86_64")]
use rten_simd::isa::{Avx2Isa, Avx512Isa};

#[cfg(target_arch = "x86_64")]
use super::set::InstructionSet;
use super::{InstructionSets, chosen};

/// A kind of vectors. Values come from [`Vectors::of`] alone: an `Isa` can be made only where the processor has it.
#[derive(Clone, Copy)]
pub(super) enum Vectors {
    /// Arrays of 128 bits, for the compiler to put in registers.
    Generic(GenericIsa),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2Isa),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512Isa),
    #[cfg(target_arch = "aarch64")]
    Neon(ArmNeonIsa),
}

impl Vectors {
    /// The longest that `sets` allow.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn of(sets: InstructionSets) -> Self {
        // What each of them asks the processor for.
        let wide = [
            InstructionSet::Avx512F,
            InstructionSet::Avx512Vl,
            InstructionSet::Avx512Bw,
            InstructionSet::Avx512Dq,
            InstructionSet::F16c,
        ];
        let narrow = [
            InstructionSet::Avx2,
            InstructionSet::Fma,
            InstructionSet::F16c,
        ];
        let wide = sets.have(&wide).then(Avx512Isa::new).flatten();
        let narrow = || sets.have(&narrow).then(Avx2Isa::new).flatten();
        wide.map(Self::Avx512)
            .or_else(|| narrow().map(Self::Avx2))
            .unwrap_or(Self::Generic(GenericIsa::new()))
    }

    /// The longest that `sets` allow.
    #[cfg(target_arch = "aarch64")]
    pub(super) fn of(sets: InstructionSets) -> Self {
        let neon = sets.have(&[super::set::InstructionSet::Neon]);
        neon.then(ArmNeonIsa::new)
            .flatten()
            .map_or(Self::Generic(GenericIsa::new()), Self::Neon)
    }

    /// The longest that `sets` allow.
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    pub(super) fn of(_sets: InstructionSets) -> Self {
        Self::Generic(GenericIsa::new())
    }

    fn evaluate<Op: SimdOp>(self, operation: Op) -> Op::Output {
        match self {
            Self::Generic(isa) => operation.eval(isa),
            // SAFETY: there is an `Avx2Isa` only where the processor has these.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(isa) => unsafe { avx2(isa, operation) },
            // SAFETY: there is an `Avx512Isa` only where the processor has these.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(isa) => unsafe { avx512(isa, operation) },
            #[cfg(target_arch = "aarch64")]
            Self::Neon(isa) => operation.eval(isa),
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx,avx2,fma,f16c")]
unsafe fn avx2<Op: SimdOp>(isa: impl Isa, operation: Op) -> Op::Output {
    operation.eval(isa)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,f16c")]
unsafe fn avx512<Op: SimdOp>(isa: impl Isa, operation: Op) -> Op::Output {
    operation.eval(isa)
}

/// Operations that are written for vectors of any length. In place of [`SimdOp::dispatch`], which knows no cap.
pub trait Capped: SimdOp + Sized {
    /// Runs it in the longest vectors that the processor has and the cap allows.
    #[inline]
    fn run(self) -> Self::Output {
        chosen().vectors.evaluate(self)
    }
}

impl<Op: SimdOp> Capped for Op {}
