//! Fused sequence operations for the CPU: pure functions on `f32` slices, each with a hand-written
//! backward pass. Nothing here knows a tensor library.
//!
//! Everything is time-major, `[time, batch, feature]`, row-major and contiguous. Work is split over
//! rayon's global pool by batch rows (sequences) or output rows (matrix products); no result depends on
//! which thread did what, so equal inputs give equal bits with the same [`instruction_sets`].

pub mod affine;
#[cfg(target_arch = "x86_64")]
mod amx;
pub mod attention;
pub mod buffer;
pub mod cell;
pub mod cross_entropy;
pub mod decoder;
pub mod dropout;
pub mod embedding;
pub mod fixed;
pub mod image;
pub mod instruction_sets;
pub mod join;
pub mod lanes;
pub mod matmul;
pub mod memory;
pub mod optimiser;
pub mod parallel;
pub mod profile;
pub mod quantised;
pub mod recurrent;
pub mod rows;

#[doc(hidden)]
pub mod testing;
pub mod window;
