//! The conditional GRU of Nematus and Marian over a whole target: two transitions round the attention (Sennrich et al.
//! 2017, "Nematus: a Toolkit for Neural Machine Translation", appendix A).
//!
//! With y the word before, GRU1 and GRU2 two cells with parameters of their own, step t makes
//!
//! s'_t = GRU1(y_t, s_{t-1}), c_t = attention(s'_t), s_t = GRU2(c_t, s'_t), f_t = tanh([s_t ; c_t] W_c + b_c).
//!
//! The CPU walks over `[time, batch, 3 * hidden]` of projected words; the outputs f, which no step waits for, are one
//! affine layer over all steps. GPUs run the reference.

pub mod cpu;
#[cfg(feature = "tensors")]
mod host;
#[cfg(feature = "tensors")]
mod reference;
#[cfg(feature = "tensors")]
mod tensors;
#[cfg(test)]
mod tests;

#[cfg(feature = "tensors")]
pub use tensors::{decode, step};
