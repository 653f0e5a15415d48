//! Layer normalisation: (x - mean) / sqrt(variance + 1e-5) * gain + bias over the features of each position, with the
//! variance of the whole and not of a sample (Ba et al. 2016, equation 4).
//!
//! Between layers it runs in plain tensor operations; a decoder's walk and search normalise a row at a time.

pub mod cpu;
#[cfg(feature = "tensors")]
mod reference;

#[cfg(feature = "tensors")]
pub use reference::Norm;
