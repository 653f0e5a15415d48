//! Recurrent cells: one step of a hidden state, from the input's share of the gates, bias included, and the state before.
//!
//! [`Cell`] has the equations. The products with the weights belong to the operations that walk over a sequence,
//! `recurrent` and `decoder`; here is what happens between two of them, to each unit: on the CPU a row at a time, on a
//! GPU in one launch.

pub mod cpu;
#[cfg(gpu)]
pub(crate) mod gpu;
#[cfg(feature = "tensors")]
mod reference;

pub use network::cell::{Cell, CellKind, Nonlinearity};
#[cfg(feature = "tensors")]
pub use reference::{Recurrence, State, step};
