//! Attention: weights are the softmax of a query's energies with the keys of its sentence, a context is the weighted sum
//! of the sentence's memory.
//!
//! Energies are additive, `v . tanh(k + q W_q + b)` (Bahdanau et al. 2015), with or without the coverage of the steps
//! before (See et al. 2017), or multiplicative, `q . k` times a number (Luong et al. 2015; Vaswani et al. 2017). Steps may
//! look at a window of the source ([`window`]; Luong et al. 2015, section 3.2), and several heads may each weigh their own
//! part. Keys are made of the memory once a sentence, by whoever calls. Padding gets no weight and no gradient.
//!
//! Three places have the formula: `reference`, [`cpu::row`] and `gpu`. A decoder that asks at each step runs them from
//! within its own walk; queries of all steps at once are answered here.

#[cfg(feature = "tensors")]
mod asked;
pub mod cpu;
#[cfg(gpu)]
pub(crate) mod gpu;
#[cfg(feature = "tensors")]
mod memory;
#[cfg(feature = "tensors")]
mod reference;
#[cfg(feature = "tensors")]
mod tensors;
#[cfg(test)]
mod tests;
pub mod window;

#[cfg(feature = "tensors")]
pub(crate) use asked::{Asked, Asking};
#[cfg(feature = "tensors")]
pub use memory::{Memory, Past};
#[cfg(feature = "tensors")]
pub(crate) use reference::answer;
#[cfg(feature = "tensors")]
pub use reference::{attend_after, attend_in_turn};
#[cfg(feature = "tensors")]
pub use tensors::{Attention, Heads, attend};
