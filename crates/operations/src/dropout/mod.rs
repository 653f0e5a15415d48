//! Dropout: values times factors that are drawn on the host, the same on every backend; zero for units that are dropped
//! (Srivastava et al. 2014), one draw a step or one for all steps of a row (Gal and Ghahramani 2016).

pub mod cpu;
#[cfg(feature = "tensors")]
mod tensors;

#[cfg(feature = "tensors")]
pub use tensors::{Mask, dropout};
