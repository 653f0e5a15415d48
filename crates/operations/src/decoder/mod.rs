//! The attentional decoder over a whole target, where steps depend on one another's outputs.
//!
//! Step t: layer 0 reads the word's share of its gates and the output before, f_{t-1} (f_0 = 0), upper layers read the
//! layer below; the top state s_t asks the memory, `f_t = tanh([s_t ; c_t] W_c + b_c)` (Luong et al. 2015, section 3.3,
//! input feeding). Or the state before the step asks, and layer 0 reads the context in the place of the output before
//! (Bahdanau et al. 2015). A layer's input may be added to its state, and the sum be normalised, before anything but the
//! layer's own next step reads it.
//!
//! The CPU runs every such decoder in one walk. A GPU runs those whose new state asks by a plain attention, at four
//! launches a step; of others it runs the reference. [`steps`](self::decoding) are a GPU's single steps for search.

pub mod cpu;
#[cfg(gpu)]
mod gpu;
#[cfg(gpu)]
mod gpu_steps;
#[cfg(feature = "tensors")]
mod host;
#[cfg(feature = "tensors")]
mod parameters;
#[cfg(feature = "tensors")]
mod reading;
#[cfg(feature = "tensors")]
mod reference;
#[cfg(feature = "tensors")]
mod steps;
#[cfg(feature = "tensors")]
mod tensors;
#[cfg(test)]
mod tests;
#[cfg(feature = "tensors")]
mod upper;

#[cfg(feature = "tensors")]
pub use parameters::{Decoder, Forced, State, Step, Words};
#[cfg(feature = "tensors")]
pub use reference::step;
#[cfg(feature = "tensors")]
pub use steps::{Decoding, Prediction, decoding};
#[cfg(feature = "tensors")]
pub use tensors::decode;
