//! Which instructions multiply: found out when the program runs.

use super::line::{self, Line};
use super::portable;
use super::tile::{Target, even};
use super::weights::{COLUMNS, Slab};
#[cfg(target_arch = "x86_64")]
use super::x86::{self, Extension};

/// A way to multiply. All give the same integers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Path {
    /// Portable code, for every processor.
    Portable,
    /// One of the extensions that this processor has and the cap allows.
    #[cfg(target_arch = "x86_64")]
    X86(Extension),
}

impl Path {
    /// The fastest that this processor has and the cap allows.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(extension) = x86::all().next() {
            return Self::X86(extension);
        }
        Self::Portable
    }

    /// Every way that this processor has and the cap allows.
    #[cfg(test)]
    pub fn all() -> Vec<Self> {
        #[cfg(target_arch = "x86_64")]
        let more = x86::all().map(Self::X86);
        #[cfg(not(target_arch = "x86_64"))]
        let more = [];
        std::iter::once(Self::Portable).chain(more).collect()
    }

    /// How many of the rows that remain the next tile takes.
    pub fn tile_rows(self, remaining: usize) -> usize {
        match self {
            Self::Portable => even(remaining, portable::ROWS),
            #[cfg(target_arch = "x86_64")]
            Self::X86(extension) => extension.tile_rows(remaining),
        }
    }

    /// Runs `work`, which may call [`tile`](Self::tile).
    pub fn prepare(self, work: impl FnOnce()) {
        match self {
            Self::Portable => work(),
            #[cfg(target_arch = "x86_64")]
            Self::X86(extension) => extension.prepare(work),
        }
    }

    /// Quantises one row in the form that [`tile`](Self::tile) reads and returns its scale.
    pub fn quantise(self, row: &[f32], lines: &mut [Line]) -> f32 {
        match self {
            Self::Portable => line::quantise(row, lines, 0),
            #[cfg(target_arch = "x86_64")]
            Self::X86(extension) => extension.quantise(row, lines),
        }
    }

    /// Multiplies the first rows in `lines`, as many as `target` has, by a panel. To be called in what
    /// [`prepare`](Self::prepare) runs.
    #[cfg_attr(not(target_arch = "x86_64"), expect(unused_variables))]
    pub fn tile(self, lines: &[Line], panel: &[Slab], offsets: &[i32; COLUMNS], target: Target) {
        match self {
            Self::Portable => portable::tile(lines, panel, target),
            #[cfg(target_arch = "x86_64")]
            Self::X86(extension) => extension.tile(lines, panel, offsets, target),
        }
    }
}
