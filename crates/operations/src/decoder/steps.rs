//! Single steps of a decoder, for search.

use std::fmt;

use burn::tensor::Tensor;

use super::parameters::{Decoder, State, Words};
use crate::attention::Memory;

/// A batch of rows on its way through a model's decoder and output layer; rows are the batch's
/// sentences, or as many beams of each, sentence-major.
pub trait Decoding: fmt::Debug {
    /// Takes up another batch: the sentences that are left.
    fn look_at(&mut self, memory: &Memory);

    /// One step: row `i` continues row `places[i]` of the step before with `words[i]`; the `count`
    /// most probable next words of each row are wanted, or `everything` too.
    fn step(
        &mut self,
        words: &[u32],
        places: &[usize],
        count: usize,
        everything: bool,
    ) -> Prediction;
}

/// Prediction of one step.
#[derive(Debug)]
pub struct Prediction {
    /// `[rows, count]`, most probable first; the smaller id first among equals.
    pub words: Vec<u32>,
    /// Their log-probabilities.
    pub log_probabilities: Vec<f32>,
    /// Attention, `[rows, source]`.
    pub weights: Tensor<2>,
    /// The log-probabilities of all words, `[rows, vocabulary]`, where they are wanted.
    pub everything: Option<Tensor<2>>,
}

/// A batch from its first state on where there is something faster than [`step`](super::step): on a
/// GPU, for decoders whose new state asks a plain attention.
pub fn decoding(
    decoder: &Decoder,
    words: &Words,
    memory: Option<&Memory>,
    state: &State,
) -> Option<Box<dyn Decoding>> {
    #[cfg(gpu)]
    if let Some(memory) = memory
        && crate::gpu::runs(&state.feed)
    {
        return super::gpu_steps::decoding(decoder, words, memory, state);
    }
    let _ = (decoder, words, memory, state);
    None
}
