//! Affine layers: `g(x W + b)` for rows x, `[rows, input]`, and W, `[input, output]`; g is the identity or the
//! hyperbolic tangent.
//!
//! x may lie in two parts side by side, whose rows in W follow one another. On the CPU product, bias and tangent are one
//! pass, and the backward pass reads the result. GPUs run the reference.

pub mod cpu;
#[cfg(feature = "tensors")]
mod reference;
#[cfg(feature = "tensors")]
mod tensors;
#[cfg(test)]
mod tests;

pub use cpu::Activation;
#[cfg(feature = "tensors")]
pub use tensors::{Weights, affine, affine_beside, gate};
