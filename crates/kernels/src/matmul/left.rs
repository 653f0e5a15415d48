//! A left-hand side in the order in which the kernels read it.

use super::packed::Layout;
use super::{Matrix, Packed, vectors};
use crate::buffer::Buffer;
use crate::parallel;

#[cfg(target_arch = "x86_64")]
use super::tiles;

/// A matrix with few rows, packed once for products with several right-hand sides or by several threads.
#[derive(Debug)]
pub struct Left {
    pub(super) tiles: Tiles,
    rows: usize,
    columns: usize,
}

/// For which kernel.
#[derive(Debug)]
pub(super) enum Tiles {
    Vectors(Buffer<f32>),
    #[cfg(target_arch = "x86_64")]
    Tiles(Buffer<u32>),
}

/// Rows that are packed together, whatever the kernel.
const TOGETHER: usize = 32;

impl Left {
    /// Packs `matrix`, `[rows, columns]`, for products with right-hand sides that are packed like `right`,
    /// over several threads.
    pub fn new(matrix: Matrix, right: &Packed) -> Self {
        let each = matrix.rows.div_ceil(parallel::threads());
        Self::in_parts(matrix, right, each.next_multiple_of(TOGETHER).max(TOGETHER))
    }

    /// As [`Left::new`], on this thread alone.
    pub fn alone(matrix: Matrix, right: &Packed) -> Self {
        Self::in_parts(matrix, right, matrix.rows.max(1))
    }

    fn in_parts(matrix: Matrix, right: &Packed, each: usize) -> Self {
        let (rows, columns) = (matrix.rows, matrix.columns);
        let part = |index: usize| matrix.some_rows(index * each..rows.min((index + 1) * each));
        let tiles = match &right.0 {
            Layout::Vectors(_) => {
                let mut data = Buffer::new(vectors::left_size(rows, columns));
                let size = vectors::left_size(each, columns).max(1);
                let parts = data.chunks_mut(size).enumerate().collect();
                parallel::each(parts, |(index, out)| vectors::pack(part(index), out));
                Tiles::Vectors(data)
            }
            #[cfg(target_arch = "x86_64")]
            Layout::Tiles(_) => {
                let mut data = Buffer::new(tiles::left_size(rows, columns));
                let size = tiles::left_size(each, columns).max(1);
                let parts = data.chunks_mut(size).enumerate().collect();
                // SAFETY: a right-hand side is packed for tiles only where there are some.
                parallel::each(parts, |(index, out)| unsafe {
                    tiles::pack(part(index), out)
                });
                Tiles::Tiles(data)
            }
        };
        Self {
            tiles,
            rows,
            columns,
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns, the inner dimension of a product.
    pub fn columns(&self) -> usize {
        self.columns
    }
}
