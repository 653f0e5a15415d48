//! Decoders: from a memory to the states that predict the target.

mod conditional;
mod conv;
mod recurrent;
mod source;

use burn::module::{Module, Param};
use burn::tensor::{Int, Tensor};

pub use conditional::ConditionalDecoder;
pub use conv::{ConvDecoder, ConvState};
pub use network::config::DecoderConfig;
pub use network::kind::{ContextKind, DecoderKind};
pub use operations::decoder::{State as RecurrentState, Step};
pub use recurrent::RecurrentDecoder;
pub use source::Source;

use crate::attention::{Attention, Pool};
use crate::dropout::Noise;
use crate::encoder::Encoded;
use crate::initial::Initialiser;
use network::ModelConfig;
use network::Padded;
use operations::decoder::Forced;

/// One member of the family.
#[derive(Module, Debug)]
pub enum Decoder {
    /// Recurrent layers of any cell.
    Recurrent(RecurrentDecoder),
    /// Two transitions round the attention.
    Conditional(ConditionalDecoder),
    /// Causal gated convolutions.
    Conv(ConvDecoder),
}

/// State of a decoder between two steps, for any number of rows.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "a batch has one state, which is never copied about"
)]
pub enum DecoderState {
    /// Of a recurrent or conditional decoder.
    Recurrent(RecurrentState),
    /// Of a convolutional decoder.
    Conv(ConvState),
}

impl DecoderState {
    /// Keeps the rows of `indices`, in that order.
    pub fn select(self, indices: &Tensor<1, Int>) -> Self {
        match self {
            DecoderState::Recurrent(state) => DecoderState::Recurrent(state.select(indices)),
            DecoderState::Conv(state) => DecoderState::Conv(state.select(indices)),
        }
    }
}

impl Decoder {
    /// The decoder that `config` describes, for a vocabulary of `vocabulary`.
    pub fn new(initial: &Initialiser, config: &ModelConfig, vocabulary: usize) -> Self {
        let initial = initial.part("decoder");
        match config.decoder.kind {
            DecoderKind::Rnn | DecoderKind::Gru | DecoderKind::Lstm => {
                Decoder::Recurrent(RecurrentDecoder::new(&initial, config, vocabulary))
            }
            DecoderKind::Cgru => {
                Decoder::Conditional(ConditionalDecoder::new(&initial, config, vocabulary))
            }
            DecoderKind::Conv => Decoder::Conv(ConvDecoder::new(&initial, config, vocabulary)),
        }
    }

    /// Target word vectors, `[vocabulary, embedding]`.
    pub fn embedding(&self) -> &Param<Tensor<2>> {
        match self {
            Decoder::Recurrent(decoder) => &decoder.embedding,
            Decoder::Conditional(decoder) => &decoder.embedding,
            Decoder::Conv(decoder) => &decoder.embedding,
        }
    }

    /// How the memory is read.
    pub fn attention(&self) -> Option<&Attention> {
        match self {
            Decoder::Recurrent(decoder) => decoder.attention.as_ref(),
            Decoder::Conditional(decoder) => decoder.attention.as_ref(),
            Decoder::Conv(decoder) => decoder.attention.as_ref(),
        }
    }

    /// Layer that makes a fixed context of the memory, if there is one.
    pub fn pool(&self) -> Option<&Pool> {
        match self {
            Decoder::Recurrent(decoder) => decoder.pool.as_ref(),
            Decoder::Conditional(_) => None,
            Decoder::Conv(decoder) => decoder.pool.as_ref(),
        }
    }

    /// Prepares an encoded batch: what stays the same over all steps, and the first state.
    pub fn start(&self, encoded: &Encoded) -> (Source, DecoderState) {
        match self {
            Decoder::Recurrent(decoder) => {
                let (source, state) = decoder.start(encoded);
                (source, DecoderState::Recurrent(state))
            }
            Decoder::Conditional(decoder) => {
                let (source, state) = decoder.start(encoded);
                (source, DecoderState::Recurrent(state))
            }
            Decoder::Conv(decoder) => {
                let (source, state) = decoder.start(encoded);
                (source, DecoderState::Conv(state))
            }
        }
    }

    /// Returns the inputs of the output layer at every step when the words are given (teacher forcing):
    /// `[time, batch, hidden]`, before dropout.
    pub fn force(&self, words: Padded<'_>, encoded: &Encoded, noise: Option<&Noise>) -> Tensor<3> {
        self.force_with(words, encoded, noise, false).outputs
    }

    /// [`Decoder::force`]; `weights` says whether those of every step are wanted too.
    pub(crate) fn force_with(
        &self,
        words: Padded<'_>,
        encoded: &Encoded,
        noise: Option<&Noise>,
        weights: bool,
    ) -> Forced {
        match self {
            Decoder::Recurrent(decoder) => decoder.force(words, encoded, noise, weights),
            Decoder::Conditional(decoder) => decoder.force(words, encoded, noise, weights),
            Decoder::Conv(decoder) => decoder.force(words, encoded, noise, weights),
        }
    }

    /// One step, with `words` `[rows]`; rows are the batch's sentences, or beams of each
    /// (sentence-major).
    ///
    /// # Panics
    /// When `state` is another decoder's.
    pub fn step(
        &self,
        words: Tensor<1, Int>,
        state: DecoderState,
        source: &Source,
    ) -> Step<DecoderState> {
        match (self, state) {
            (Decoder::Recurrent(decoder), DecoderState::Recurrent(state)) => decoder
                .step(words, state, source)
                .with(DecoderState::Recurrent),
            (Decoder::Conditional(decoder), DecoderState::Recurrent(state)) => decoder
                .step(words, state, source)
                .with(DecoderState::Recurrent),
            (Decoder::Conv(decoder), DecoderState::Conv(state)) => {
                decoder.step(words, state, source).with(DecoderState::Conv)
            }
            _ => panic!("the state is another decoder's"),
        }
    }
}
