//! Single steps of a decoder, for search.

use std::fmt;

use burn::tensor::Tensor;

#[cfg(all(any(feature = "wgpu", feature = "cuda"), not(feature = "fusion")))]
use crate::decoder::Decoder;
use crate::decoder::{DecoderState, Source};
use crate::seq2seq::Seq2Seq;

/// A batch of rows on its way through a model's decoder and output layer; rows are the batch's
/// sentences, or as many beams of each, sentence-major.
pub(crate) trait Decoding: fmt::Debug {
    /// Takes up another batch: the sentences that are left.
    fn look_at(&mut self, source: &Source);

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

/// What one step says.
#[derive(Debug)]
#[cfg_attr(
    any(not(any(feature = "wgpu", feature = "cuda")), feature = "fusion"),
    allow(dead_code) // Only GPUs make one.
)]
pub(crate) struct Prediction {
    /// `[rows, count]`, most probable first; the smaller id first among equals.
    pub words: Vec<u32>,
    /// Their log-probabilities.
    pub log_probabilities: Vec<f32>,
    /// Attention, `[rows, source]`.
    pub weights: Tensor<2>,
    /// The log-probabilities of all words, `[rows, vocabulary]`, where they are wanted.
    pub everything: Option<Tensor<2>>,
}

/// A batch from its first state on where there is something faster than [`Seq2Seq::step`]: on a
/// GPU, for decoders whose new state asks the attention.
pub(crate) fn decoding(
    model: &Seq2Seq,
    source: &Source,
    state: &DecoderState,
) -> Option<Box<dyn Decoding>> {
    #[cfg(all(any(feature = "wgpu", feature = "cuda"), not(feature = "fusion")))]
    if let Decoder::Recurrent(decoder) = &model.decoder
        && let DecoderState::Recurrent(state) = state
        && crate::gpu::runs(&state.feed)
        && decoder.stack.is_plain(decoder.layers.len())
    {
        return super::cube::decoding(decoder, &model.output, source, state);
    }
    let _ = (model, source, state);
    None
}
