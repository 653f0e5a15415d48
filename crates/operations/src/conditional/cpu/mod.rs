//! On the CPU: the walk over a whole target, forward and back.
//!
//! `T` is target time, `B` batch, `S` source time, `H` hidden size, `M` memory size, `A` key size, `N` the number of
//! heads.

mod backward;
mod forward;
mod inputs;

pub use backward::{Gradients, backward};
pub use forward::{Forward, Saved, forward};
pub use inputs::{Inputs, Recurrence};
