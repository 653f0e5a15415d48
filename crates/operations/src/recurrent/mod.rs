//! A recurrent layer over a whole sequence: `h_t = cell(x_t, h_{t-1})`, in either direction, for any cell.
//!
//! `[time, batch, gates * hidden]` of projected inputs become `[time, batch, hidden]` of hidden states, zero at padding,
//! and the last state of each row: padding never changes a state. The CPU walks over time with its threads awake, a GPU
//! makes two launches a step, and the backward pass of both makes each weight's gradient as one product over all steps.

pub mod cpu;
#[cfg(gpu)]
mod gpu;
#[cfg(feature = "tensors")]
mod reference;
#[cfg(feature = "tensors")]
mod tensors;
#[cfg(test)]
mod tests;

#[cfg(feature = "tensors")]
pub use tensors::{Direction, Layer, recurrent};
