//! The output layer and the label-smoothed cross-entropy over all positions of a batch: with e for the smoothing and V
//! words, (1 - e) NLL + e / V times the sum of the negative log-probabilities of all words (Szegedy et al. 2016, section 7).
//!
//! `[time * batch, hidden]` of states and an output layer `[vocabulary, hidden]` become one number. The CPU never holds
//! the logits of more than a few rows, and makes gradients while it has them; a GPU keeps the logits and makes their
//! gradient in place.

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
pub use tensors::{Loss, Targets, cross_entropy};
