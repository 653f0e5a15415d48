//! The input-feeding attentional decoder over a whole target sequence.
//!
//! Step `t`: layer 0 reads the projected target token and the previous output `f_{t-1}` (`f_0` = 0), upper
//! layers read the layer below; the top state `s_t` asks the memory, `f_t = tanh([s_t ; c_t] W_c + b_c)`
//! (Luong et al., 2015, "Effective Approaches to Attention-based Neural Machine Translation", with the
//! additive energy of Bahdanau et al., 2015, as an alternative). Or the state before the step asks, and layer 0
//! reads the context in the place of the previous output. Weights may depend on those before, or be kept to a
//! window of the source; several heads may each weigh their own part of the memory, and their parts side by side are
//! the context. A layer's input may be added to its state, and the sum be normalised, before anything but
//! the layer's own next step reads it.
//!
//! `T` is target time, `B` batch, `S` source time, `H` hidden size, `M` memory size, `A` key size, `N` the number of
//! heads, `G` the number of gates. Source positions at or beyond a row's length get no weight and no gradient.

pub(crate) mod attention;
mod backward;
pub(crate) mod finish;
mod forward;
mod inputs;
mod layer;
mod reading;
mod span;
#[cfg(test)]
mod tests;
mod walk_back;
mod weights;

pub use attention::TanhInPlace;
pub use backward::{Gradients, LayerGradients, backward};
pub use finish::{Norm, Normalise};
pub use forward::{Forward, Saved, forward};
pub use inputs::{Energy, Inputs, Layer, Reach, Shape};
