//! Decoders.

mod conditional;

pub use conditional::ConditionalDecoder;

use super::attention::Attention;
use super::bridge::Bridge;
use super::convolution::{Convolution, Positions};
use super::layer::RecurrentLayer;
use super::linear::Linear;
use super::part::{Change, Part, Path, parts};
use super::pool::Pool;
use super::stack::Stack;
use crate::cell::Cell;
use crate::config::{ModelConfig, RecurrentConfig};
use crate::error::NetworkError;
use crate::kind::{DecoderKind, Query};
use crate::shape::{Shape, Shaped};

parts! {
    /// Recurrent layers over the target, mixed with what attention finds: f_t = tanh(W_c [s_t ; c_t] + b_c), Luong et
    /// al. (2015), equation 5.
    pub struct RecurrentDecoder {
        /// `[vocabulary, embedding]`
        value embedding: T,
        /// Bottom layer first.
        part layers: Vec<RecurrentLayer<T>>,
        /// Multiplies what enters beside the word, f or the context: `[hidden or context, gates * hidden]`.
        maybe feed_weight: Option<T>,
        /// Multiplies the fixed context of a decoder that asks nothing: `[memory, gates * hidden]`.
        maybe context_weight: Option<T>,
        /// How the memory is read at each step.
        part attention: Option<Attention<T>>,
        /// Pool that makes a fixed context of the memory; without it, the context is the encoder's last state.
        part pool: Option<Pool<T>>,
        /// W_c and b_c: `[hidden + context, hidden]`, or `[hidden, hidden]` without attention.
        part combine: Linear<T>,
        /// The first state.
        part bridge: Bridge<T>,
        /// Residual connections and normalisation of the layers' outputs.
        part stack: Stack<T>,
        /// Which state asks.
        known query: Query,
    }

    /// Gated convolutions over the target's past, each layer with attention (Gehring et al. 2017).
    pub struct ConvDecoder {
        /// `[vocabulary, embedding]`
        value embedding: T,
        /// Vectors of `embedding` numbers.
        part positions: Positions<T>,
        /// W_e and b_e, `[embedding, hidden]`.
        part enter: Linear<T>,
        /// Bottom layer first.
        part convolutions: Vec<Convolution<T>>,
        /// W_d and b_d of each layer, `[hidden, hidden]`; empty without attention.
        part queries: Vec<Linear<T>>,
        /// W_c and b_c of each layer, `[context, hidden]`; empty without attention.
        part contexts: Vec<Linear<T>>,
        /// Multiplies the fixed context of a decoder that asks nothing: `[memory, hidden]`.
        maybe context_weight: Option<T>,
        /// How the memory is read at each step.
        part attention: Option<Attention<T>>,
        /// Pool that makes a fixed context of the memory; without it, the context is the encoder's last state.
        part pool: Option<Pool<T>>,
        /// The inputs before the first word.
        part bridge: Bridge<T>,
    }
}

/// One member of the family.
#[derive(Debug, Clone, PartialEq)]
pub enum Decoder<T> {
    /// Recurrent layers of any cell.
    Recurrent(Box<RecurrentDecoder<T>>),
    /// Two transitions round the attention.
    Conditional(Box<ConditionalDecoder<T>>),
    /// Causal gated convolutions.
    Conv(Box<ConvDecoder<T>>),
}

impl<T> Part for Decoder<T> {
    type Value = T;
    type With<U> = Decoder<U>;

    fn try_map<U>(
        self,
        path: &mut Path,
        change: &mut Change<'_, T, U>,
    ) -> Result<Decoder<U>, NetworkError> {
        Ok(match self {
            Decoder::Recurrent(decoder) => {
                Decoder::Recurrent(Box::new(decoder.try_map(path, change)?))
            }
            Decoder::Conditional(decoder) => {
                Decoder::Conditional(Box::new(decoder.try_map(path, change)?))
            }
            Decoder::Conv(decoder) => Decoder::Conv(Box::new(decoder.try_map(path, change)?)),
        })
    }

    fn visit<'a>(&'a self, path: &mut Path, see: &mut dyn FnMut(&str, &'a T)) {
        match self {
            Decoder::Recurrent(decoder) => decoder.visit(path, see),
            Decoder::Conditional(decoder) => decoder.visit(path, see),
            Decoder::Conv(decoder) => decoder.visit(path, see),
        }
    }
}

impl Decoder<Shape> {
    pub(super) fn new(config: &ModelConfig, words: usize) -> Self {
        match (config.decoder.kind, config.decoder.cell()) {
            (DecoderKind::Cgru, _) => {
                Decoder::Conditional(Box::new(ConditionalDecoder::new(config, words)))
            }
            (_, Some(cell)) => {
                Decoder::Recurrent(Box::new(RecurrentDecoder::new(config, cell, words)))
            }
            (_, None) => Decoder::Conv(Box::new(ConvDecoder::new(config, words))),
        }
    }
}

impl RecurrentDecoder<Shape> {
    fn new(config: &ModelConfig, cell: Cell, words: usize) -> Self {
        let (part, hidden) = (&config.decoder, config.hidden_size);
        let memory = config.encoder.memory_size(hidden);
        let context = config.attention.context_size(memory, hidden);
        let columns = cell.gates() * hidden;
        let layer = |layer| {
            let input = match layer {
                0 => config.embedding_size,
                _ => hidden,
            };
            RecurrentLayer::new(part, input, hidden)
        };
        let query = config.attention.query();
        let fed = match query {
            Query::Before => context,
            Query::After => hidden,
        };
        let beside = match config.attention.kind.asks() {
            true => context,
            false => 0,
        };
        Self {
            embedding: [words, config.embedding_size].into(),
            layers: (0..part.layers).map(layer).collect(),
            feed_weight: config.feeds().then(|| [fed, columns].into()),
            context_weight: config.has_fixed_context().then(|| [memory, columns].into()),
            attention: Attention::new(&config.attention, memory, hidden),
            pool: Pool::new(&config.attention),
            combine: Linear::new(hidden + beside, hidden, true),
            bridge: Bridge::new(
                config.bridge,
                memory,
                hidden,
                cell.has_cell_state(),
                part.layers,
            ),
            stack: Stack::new(part, hidden),
            query,
        }
    }
}

impl ConvDecoder<Shape> {
    fn new(config: &ModelConfig, words: usize) -> Self {
        let part = &config.decoder;
        let (embedding, hidden) = (config.embedding_size, config.hidden_size);
        let memory = config.encoder.memory_size(hidden);
        let context = config.attention.context_size(memory, hidden);
        let attention = Attention::new(&config.attention, memory, hidden);
        let asking = if attention.is_some() { part.layers } else { 0 };
        let linears = |input| -> Vec<_> {
            (0..asking)
                .map(|_| Linear::new(input, hidden, true))
                .collect()
        };
        Self {
            embedding: [words, embedding].into(),
            positions: Positions::new(part.max_positions(), embedding),
            enter: Linear::new(embedding, hidden, true),
            convolutions: (0..part.layers)
                .map(|_| Convolution::new(part.kernel_width(), hidden))
                .collect(),
            queries: linears(hidden),
            contexts: linears(context),
            context_weight: config.has_fixed_context().then(|| [memory, hidden].into()),
            attention,
            pool: Pool::new(&config.attention),
            bridge: Bridge::new(config.bridge, memory, hidden, false, part.layers),
        }
    }
}

impl<T> Decoder<T> {
    /// Target word vectors, `[vocabulary, embedding]`.
    pub fn embedding(&self) -> &T {
        match self {
            Decoder::Recurrent(decoder) => &decoder.embedding,
            Decoder::Conditional(decoder) => &decoder.embedding,
            Decoder::Conv(decoder) => &decoder.embedding,
        }
    }

    /// How the memory is read.
    pub fn attention(&self) -> Option<&Attention<T>> {
        match self {
            Decoder::Recurrent(decoder) => decoder.attention.as_ref(),
            Decoder::Conditional(decoder) => decoder.attention.as_ref(),
            Decoder::Conv(decoder) => decoder.attention.as_ref(),
        }
    }

    /// Returns the pool that makes a fixed context of the memory, if there is one.
    pub fn pool(&self) -> Option<&Pool<T>> {
        match self {
            Decoder::Recurrent(decoder) => decoder.pool.as_ref(),
            Decoder::Conditional(_) => None,
            Decoder::Conv(decoder) => decoder.pool.as_ref(),
        }
    }
}

impl<T: Shaped> Decoder<T> {
    /// Most tokens of a source, the end mark not counted, where there is such a limit.
    pub fn longest_source(&self) -> Option<usize> {
        self.pool().map(|pool| pool.layer.bias.columns() - 1)
    }
}
