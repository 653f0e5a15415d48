//! Operations of a convolutional network over images beside matrix products: windows of 3 x 3 pixels (im2col), and max
//! pooling of 2 x 2 (LeCun et al. 1998; Shi et al. 2017).
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
