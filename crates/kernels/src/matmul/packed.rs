//! A right-hand side in the order in which the kernels read it.

use super::vectors::Panels;
use super::{COLUMNS, Matrix};
use crate::parallel;

#[cfg(target_arch = "x86_64")]
use super::tiles::{self, TilePanels};

/// A matrix packed once for many products.
#[derive(Clone, Debug)]
pub struct Packed(pub(super) Layout);

/// For which kernel.
#[derive(Clone, Debug)]
pub(super) enum Layout {
    Vectors(Panels),
    #[cfg(target_arch = "x86_64")]
    Tiles(TilePanels),
}

impl Packed {
    /// Packs `matrix`, `[rows, columns]`, over the threads of the pool, for products with many rows.
    pub fn new(matrix: Matrix) -> Self {
        Self::on(matrix, parallel::threads())
    }

    /// As [`Packed::new`], on this thread alone.
    pub fn alone(matrix: Matrix) -> Self {
        Self::on(matrix, 1)
    }

    fn on(matrix: Matrix, threads: usize) -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(amx) = tiles::supported() {
            return Self(Layout::Tiles(TilePanels::new(amx, matrix, threads)));
        }
        Self(Layout::Vectors(Panels::new(matrix, threads)))
    }

    /// As [`Packed::new`], for products with a few rows only (up to about eight), which are no faster than
    /// the packed numbers can be read: these are the fewest bytes.
    pub fn for_few_rows(matrix: Matrix) -> Self {
        Self(Layout::Vectors(Panels::new(matrix, parallel::threads())))
    }

    /// Number of rows, the inner dimension of a product.
    pub fn rows(&self) -> usize {
        match &self.0 {
            Layout::Vectors(panels) => panels.rows(),
            #[cfg(target_arch = "x86_64")]
            Layout::Tiles(panels) => panels.rows(),
        }
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        match &self.0 {
            Layout::Vectors(panels) => panels.columns(),
            #[cfg(target_arch = "x86_64")]
            Layout::Tiles(panels) => panels.columns(),
        }
    }

    /// Number of panels of [`COLUMNS`] columns.
    pub fn panels(&self) -> usize {
        self.columns().div_ceil(COLUMNS)
    }
}
