//! Lookup of word vectors with dropout: rows of a table, `[vocabulary, embedding]`, times dropout's factors.
//!
//! The CPU looks up and drops in one pass; its backward pass adds each word's gradients in the order of the words.

pub mod cpu;
#[cfg(feature = "tensors")]
mod reference;
#[cfg(feature = "tensors")]
mod tensors;
#[cfg(test)]
mod tests;

#[cfg(feature = "tensors")]
pub use tensors::embed;
