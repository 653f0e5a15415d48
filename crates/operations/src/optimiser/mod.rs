//! Parameter updates in one pass over a parameter: SGD with momentum (Sutskever et al. 2013), Adam and AdamW (Kingma and
//! Ba 2015; Loshchilov and Hutter 2019), and the norm by which gradients are clipped (Pascanu et al. 2013).
//!
//! On the CPU in parallel chunks of fixed size; on a GPU Adam and the norm are one launch a parameter. Whoever calls has
//! the plain tensor operations for the rest.

pub mod cpu;
#[cfg(gpu)]
mod gpu;
#[cfg(feature = "tensors")]
mod tensors;

pub use cpu::{Adam, Sgd};
#[cfg(feature = "tensors")]
pub use tensors::{adam, squared_norm};
