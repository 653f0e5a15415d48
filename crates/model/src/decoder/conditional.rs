//! The conditional GRU.

use burn::module::{Module, Param};
use burn::tensor::{Int, Tensor};

use super::{RecurrentState, Source, Step};
use crate::attention::{Attention, Past};
use crate::bridge::Bridge;
use crate::cell::RecurrentLayer;
use crate::dropout::Noise;
use crate::embedding::{embed, embedding_table};
use crate::encoder::Encoded;
use crate::initial::Initialiser;
use crate::linear::Linear;
use network::kind::Query;
use network::{ModelConfig, Padded};
use operations::conditional;
use operations::decoder::{Decoder, Forced};
use operations::stack::Stack;

/// Two transitions round the attention; see [`operations::conditional`].
#[derive(Module, Debug)]
pub struct ConditionalDecoder {
    /// `[vocabulary, embedding]`.
    pub embedding: Param<Tensor<2>>,
    /// The transitions; the first reads words, the second contexts.
    pub layers: Vec<RecurrentLayer>,
    /// How the memory is read between them.
    pub attention: Option<Attention>,
    /// W_c and b_c, `[hidden + context, hidden]`.
    pub combine: Linear,
    /// The first state.
    pub bridge: Bridge,
}

impl ConditionalDecoder {
    /// The decoder that `config` describes, for a vocabulary of `vocabulary`.
    pub fn new(initial: &Initialiser, config: &ModelConfig, vocabulary: usize) -> Self {
        let hidden = config.hidden_size;
        let memory = config.encoder.memory_size(hidden);
        let context = config.attention.context_size(memory, hidden);
        let inputs = [config.embedding_size, context].into_iter().enumerate();
        let layer = |(layer, input)| {
            let initial = initial.part(&format!("layers.{layer}"));
            RecurrentLayer::new(&initial, &config.decoder, input, hidden)
        };
        Self {
            embedding: embedding_table(initial, vocabulary, config.embedding_size),
            layers: inputs.map(layer).collect(),
            attention: Attention::of(&config.attention, initial, memory, hidden),
            combine: Linear::new(&initial.part("combine"), hidden + context, hidden, true),
            bridge: Bridge::new(initial, config.bridge, memory, hidden, false, 1),
        }
    }

    /// Returns the parameters of the walk.
    fn parameters(&self) -> Decoder {
        Decoder {
            layers: self.layers.iter().map(RecurrentLayer::parameters).collect(),
            feed_weight: None,
            attention: self.attention.as_ref().map(Attention::parameters),
            combine: self.combine.parameters(),
            stack: Stack {
                norms: Vec::new(),
                residual: false,
            },
            query: Query::After,
        }
    }

    /// Prepares an encoded batch: what stays the same over all steps, and the first state.
    pub fn start(&self, encoded: &Encoded) -> (Source, RecurrentState) {
        let hidden = self.combine.weight.dims()[1];
        let attention = self.attention.as_ref();
        let [rows, length, _] = encoded.memory.dims();
        let covers = attention.is_some_and(Attention::covers);
        let state = RecurrentState {
            layers: self.bridge.forward(&encoded.states, hidden),
            feed: Tensor::zeros([rows, hidden], &encoded.memory.device()),
            past: Past::none(rows, length, covers, &encoded.memory),
        };
        (Source::new(encoded, attention, None, None), state)
    }

    /// The outputs f of every step when the words are given (teacher forcing):
    /// `[time, batch, hidden]`, before dropout. `weights` says whether those of every step are wanted
    /// too.
    ///
    /// # Panics
    /// Without attention, which no config allows.
    pub fn force(
        &self,
        words: Padded<'_>,
        encoded: &Encoded,
        noise: Option<&Noise>,
        weights: bool,
    ) -> Forced {
        let (source, state) = self.start(encoded);
        let memory = source.memory.as_ref().expect("it has an attention");
        let vectors = embed(&self.embedding, words, noise);
        let [time, rows, size] = vectors.dims();
        let parameters = self.parameters();
        let projected = parameters.layers[0].project(vectors.reshape([time * rows, size]));
        let projected = projected.reshape([time as i32, rows as i32, -1]);
        conditional::decode(&parameters, projected, state, memory, weights)
    }

    /// One step, with `words` `[rows]`; rows are the batch's sentences, or beams of each
    /// (sentence-major).
    ///
    /// # Panics
    /// As [`ConditionalDecoder::force`].
    pub fn step(
        &self,
        words: Tensor<1, Int>,
        state: RecurrentState,
        source: &Source,
    ) -> Step<RecurrentState> {
        let memory = source.memory.as_ref().expect("it has an attention");
        let parameters = self.parameters();
        let projected = parameters.layers[0].project(self.embedding.val().select(0, words));
        conditional::step(&parameters, projected, state, memory)
    }
}
