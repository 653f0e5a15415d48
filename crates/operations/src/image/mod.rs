//! What a convolutional network over images does beside matrix products: the windows of 3 x 3 pixels, and the largest of
//! each 2 x 2 (LeCun et al. 1998; Shi et al. 2017).
//!
//! Images lie with their channels innermost, `[image, row, column, channel]`. GPUs run the reference.

pub mod cpu;
#[cfg(feature = "tensors")]
mod reference;
#[cfg(feature = "tensors")]
mod tensors;

pub use cpu::WINDOW;
#[cfg(feature = "tensors")]
pub use tensors::{pooled, windows};
