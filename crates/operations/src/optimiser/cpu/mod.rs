//! Parameter updates in one pass over a parameter, in parallel chunks of fixed size.

mod adam;
mod norm;
mod sgd;

pub use adam::{Adam, adam};
pub use norm::squared_norm;
pub use sgd::{Sgd, sgd};

/// Numbers that one task updates.
const CHUNK: usize = 1 << 15;
