//! Products on the tile registers of recent x86-64 processors (Intel AMX).
//!
//! Tiles multiply bfloat16 numbers only, but sixteen times as many in a cycle as vectors multiply
//! single-precision ones. So each operand is cut into three pieces (see [`split`]), and six products of
//! pieces give single precision's accuracy at a multiple of its speed (Henry, Tang and Heinecke,
//! "Leveraging the bfloat16 Artificial Intelligence Datatype For Higher-Precision Computations", 2019).
//!
//! Infinite operands give NaN, and pieces below the smallest normal number count as zero.

mod block;
mod panels;
mod product;
mod split;

pub(super) use block::{left_size, multiply, pack};
pub(crate) use panels::TilePanels;
pub(super) use panels::supported;
