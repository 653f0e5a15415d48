//! Matrix products: one large product split over threads, and thin products with a right-hand side that
//! was packed once.
//!
//! The layering is the usual one (Goto and van de Geijn, "Anatomy of High-Performance Matrix
//! Multiplication", 2008): the right-hand side is packed in panels of 32 columns, the left-hand side in
//! tiles, and a register kernel multiplies a tile by a panel. The sum over the inner dimension
//! runs in the same order whatever the number of rows and of threads.

mod left;
mod matrix;
mod multiplication;
mod packed;
#[cfg(target_arch = "x86_64")]
mod tiles;
mod vectors;

pub use left::Left;
pub use matrix::{COLUMNS, Matrix, MatrixMut};
pub use multiplication::{
    column_parts, matmul, matmul_left, matmul_packed, matmul_together, multiply, multiply_panels,
};
pub use packed::Packed;
