//! The conditional GRU.

use crate::config::ModelConfig;
use crate::shape::Shape;
use crate::tree::part::parts;
use crate::tree::{Attention, Bridge, Linear, RecurrentLayer};

parts! {
    /// Two transitions round the attention (Sennrich et al. 2017, appendix A): s'_t = GRU1(y_t, s_{t-1}),
    /// c_t = attention(s'_t), s_t = GRU2(c_t, s'_t), f_t = tanh(W_c [s_t ; c_t] + b_c).
    pub struct ConditionalDecoder {
        /// `[vocabulary, embedding]`
        value embedding: T,
        /// The transitions; the first reads words, the second contexts.
        part layers: Vec<RecurrentLayer<T>>,
        /// How the memory is read between them.
        part attention: Option<Attention<T>>,
        /// W_c and b_c, `[hidden + context, hidden]`.
        part combine: Linear<T>,
        /// The first state.
        part bridge: Bridge<T>,
    }
}

impl ConditionalDecoder<Shape> {
    pub(super) fn new(config: &ModelConfig, words: usize) -> Self {
        let hidden = config.hidden_size;
        let memory = config.encoder.memory_size(hidden);
        let context = config.attention.context_size(memory, hidden);
        let inputs = [config.embedding_size, context];
        Self {
            embedding: [words, config.embedding_size].into(),
            layers: inputs
                .map(|input| RecurrentLayer::new(&config.decoder, input, hidden))
                .into(),
            attention: Attention::new(&config.attention, memory, hidden),
            combine: Linear::new(hidden + context, hidden, true),
            bridge: Bridge::new(config.bridge, memory, hidden, false, 1),
        }
    }
}
