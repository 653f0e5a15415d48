//! Instructions of x86 processors that multiply bytes.

mod amx_int8;
mod avx2;
mod avx512_vnni;
mod avx_vnni;
mod rows;

use super::line::Line;
use super::tile::{Target, even};
use super::weights::{COLUMNS, Slab};
use crate::amx::Amx;
use crate::instruction_sets::{InstructionSet, InstructionSets};

/// A way to multiply. Values come from [`all`] alone, which asks what there is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Extension {
    /// Products of 16-bit numbers, 256 bits at a time.
    Avx2,
    /// Products of bytes, 256 bits at a time.
    AvxVnni,
    /// Products of bytes, 512 bits at a time.
    Avx512Vnni,
    /// Products of bytes in tiles of 16 rows, and AVX-512 with VNNI for few rows.
    AmxInt8(Amx),
}

/// Extensions that the processor has and the cap allows, the fastest first.
pub(super) fn all() -> impl Iterator<Item = Extension> {
    let sets = InstructionSets::in_use();
    let vnni = sets.have(&[
        InstructionSet::Avx512F,
        InstructionSet::Avx512Bw,
        InstructionSet::Avx512Vnni,
    ]);
    let avx2 = sets.has(InstructionSet::Avx2);
    let amx = Amx::get().filter(|amx| vnni && amx.int8);
    let ways = [
        amx.map(Extension::AmxInt8),
        vnni.then_some(Extension::Avx512Vnni),
        (avx2 && sets.has(InstructionSet::AvxVnni)).then_some(Extension::AvxVnni),
        avx2.then_some(Extension::Avx2),
    ];
    ways.into_iter().flatten()
}

impl Extension {
    /// How many of the rows that remain the next tile takes: at most as many as the registers hold sums
    /// of.
    pub fn tile_rows(self, remaining: usize) -> usize {
        match self {
            Self::Avx2 => even(remaining, avx2::ROWS),
            Self::AvxVnni => even(remaining, avx_vnni::ROWS),
            Self::Avx512Vnni => even(remaining, avx512_vnni::ROWS),
            Self::AmxInt8(_) => remaining.min(amx_int8::ROWS),
        }
    }

    /// Runs `work`, which may call [`tile`](Self::tile).
    pub fn prepare(self, work: impl FnOnce()) {
        match self {
            Self::AmxInt8(amx) => amx.with_tiles(work),
            _ => work(),
        }
    }

    /// Quantises one row in the form that [`tile`](Self::tile) reads and returns its scale.
    pub fn quantise(self, row: &[f32], lines: &mut [Line]) -> f32 {
        // SAFETY: the processor has the extension, see `Extension`.
        unsafe {
            match self {
                Self::Avx2 => avx2::quantise(row, lines),
                Self::AvxVnni => avx_vnni::quantise(row, lines),
                Self::Avx512Vnni | Self::AmxInt8(_) => avx512_vnni::quantise(row, lines),
            }
        }
    }

    /// Multiplies the first rows in `lines`, as many as `target` has, by a panel. To be called in what
    /// [`prepare`](Self::prepare) runs.
    pub fn tile(self, lines: &[Line], panel: &[Slab], offsets: &[i32; COLUMNS], target: Target) {
        // SAFETY: the processor has the extension, see `Extension`, and `prepare` has set up its tiles.
        unsafe {
            match self {
                Self::Avx2 => avx2::tile(lines, panel, target),
                Self::AvxVnni => avx_vnni::tile(lines, panel, offsets, target),
                Self::AmxInt8(_) if target.out.len() > amx_int8::FEW => {
                    amx_int8::tile(lines, panel, offsets, target);
                }
                Self::AmxInt8(_) | Self::Avx512Vnni => {
                    avx512_vnni::tile(lines, panel, offsets, target);
                }
            }
        }
    }
}
