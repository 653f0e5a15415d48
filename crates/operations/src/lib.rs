//! Operations over whole sequences, each in a folder of its own.
//!
//! A folder says in `mod.rs` what is computed, of what shapes, and by what equation. `reference` computes it in plain
//! tensor operations on every backend, and says what is right; `cpu` on slices, with the products and lanes of
//! [`kernels`] and a backward pass written by hand; `gpu` by programs of its own. `tensors` has the function that
//! models call: it takes Burn's tensors and chooses. Where one is missing, another serves: the reference on a GPU, the
//! CPU's on slices alone.
//!
//! An operation knows parameters, not modules: whoever has them hands them over. Without the feature `tensors` there is
//! `cpu` alone, and no tensor library.
//!
//! Everything is time-major, `[time, batch, feature]`, row-major and contiguous, unless it says otherwise. On the CPU
//! work is split by batch rows or output rows, and no result depends on which thread did what: equal inputs give equal
//! bits with the same [`instruction_sets`](kernels::instruction_sets).

pub mod affine;
pub mod attention;
pub mod cell;
pub mod conditional;
#[cfg(feature = "tensors")]
pub mod coverage;
pub mod cross_entropy;
pub mod decoder;
pub mod dropout;
pub mod embedding;
#[cfg(feature = "tensors")]
pub mod gpu;
#[cfg(feature = "tensors")]
pub mod guided;
#[cfg(feature = "tensors")]
pub mod host;
pub mod image;
pub mod join;
#[cfg(feature = "tensors")]
pub mod launches;
pub mod layer_norm;
#[cfg(feature = "tensors")]
pub mod lengths;
pub mod operands;
pub mod optimiser;
#[cfg(feature = "tensors")]
mod path;
pub mod recurrent;
mod span;
#[cfg(feature = "tensors")]
pub mod stack;
#[cfg(test)]
mod testing;

#[cfg(feature = "tensors")]
pub use path::{use_reference, uses_reference};
