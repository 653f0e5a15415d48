//! Vectors of one list, or of two side by side, `[time, batch, part]`, in the order that the next operation reads: the
//! directions of an encoder, made the memory of attention.

pub mod cpu;
#[cfg(feature = "tensors")]
mod reference;
#[cfg(feature = "tensors")]
mod tensors;

pub use cpu::Order;
#[cfg(feature = "tensors")]
pub use tensors::join;
