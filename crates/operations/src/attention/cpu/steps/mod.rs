//! Attention of a batch one step after another, forward and back, for decoders whose steps wait for its contexts.
//!
//! `T` is target time, `B` batch, `S` source time, `H` hidden size, `M` memory size, `A` key size, `N` the number of
//! heads. Source positions at or beyond a row's length get no weight and no gradient.

mod backward;
mod forward;
mod inputs;
mod reading;

pub use backward::Gradients;
pub(crate) use backward::WalkBack;
pub use forward::Saved;
pub(crate) use forward::Walk;
pub use inputs::{Inputs, Reach, Shape};
