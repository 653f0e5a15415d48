//! A packed right-hand side.

use crate::matmul::{Matrix, Packed, multiply};

/// In which numbers weights are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// As they were trained.
    #[default]
    Full,
}

/// A matrix that was packed once for every product of a run.
#[derive(Clone, Debug)]
pub enum Weight {
    /// In single precision.
    Full(Packed),
}

impl Weight {
    /// Packs `matrix`, `[rows, columns]`.
    pub fn new(matrix: Matrix, precision: Precision) -> Self {
        match precision {
            Precision::Full => Weight::Full(Packed::new(matrix)),
        }
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        match self {
            Weight::Full(packed) => packed.columns(),
        }
    }

    /// `out = a b`, or `out += a b`, on this thread alone; `out` is `[a.rows, columns]`.
    pub(super) fn multiply(&self, a: Matrix, out: &mut [f32], accumulate: bool) {
        match self {
            Weight::Full(packed) => multiply(a, packed, out, accumulate),
        }
    }
}
