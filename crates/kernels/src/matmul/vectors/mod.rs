//! Products on the vectors that every processor has, in whatever length it has them.
//!
//! The right-hand side is packed in panels of 32 columns, the left-hand side in tiles of 8 rows, and a
//! register kernel multiplies a tile by a panel.

mod block;
mod kernel;
mod panels;

pub(super) use block::{left_size, multiply, pack};
pub(crate) use panels::Panels;
