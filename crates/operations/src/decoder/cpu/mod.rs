//! On the CPU: the walk over a whole target, forward and back.
//!
//! `T` is target time, `B` batch, `S` source time, `H` hidden size, `M` memory size, `A` key size, `N` the number of
//! heads, `G` the number of gates. Source positions at or beyond a row's length get no weight and no gradient.

mod backward;
mod forward;
pub(super) mod inputs;
mod layer;
mod walk_back;
mod weights;

pub use crate::attention::cpu::steps::{Reach, Shape};
pub use backward::{Gradients, LayerGradients, backward};
pub use forward::{Forward, Saved, forward};
pub use inputs::{Inputs, Layer};
