//! The convolutional decoder.

use burn::module::{Module, Param};
use burn::tensor::{Int, Tensor, TensorData};

use super::{Source, Step};
use crate::attention::{Attention, Memory, Pool};
use crate::bridge::Bridge;
use crate::convolution::{Convolution, HALF};
use crate::dropout::{Noise, dropout, layer_dropout};
use crate::embedding::{embed, embedding_table};
use crate::encoder::Encoded;
use crate::initial::Initialiser;
use crate::linear::Linear;
use crate::positions::Positions;
use network::ModelConfig;
use network::Padded;
use operations::attention::attend;
use operations::decoder::Forced;

/// Gated convolutions over the target's past, each layer with attention (Gehring et al. 2017). With
/// g = W_e (word + position) + b_e, x^0 = g and GC for a convolution over the last `width` inputs
/// and its gated linear unit, layer l makes
///
/// h = GC(x^(l-1)), asks the memory with d = W_d h + b_d + g (equation 1), and with the context c
/// that it finds, times the square root of the source's length n (section 3.5), gives
///
/// x^l = ((h + W_c c sqrt(n) + b_c) * sqrt(0.5) + x^(l-1)) * sqrt(0.5).
///
/// All layers ask the same keys. Before the first word, each layer reads what the bridge makes of
/// the encoder's last state; with `bridge = "zero"` these are the paper's zeros. The output layer
/// reads x^L.
#[derive(Module, Debug)]
pub struct ConvDecoder {
    /// `[vocabulary, embedding]`.
    pub embedding: Param<Tensor<2>>,
    /// Vectors of `embedding` numbers.
    pub positions: Positions,
    /// W_e and b_e, `[embedding, hidden]`.
    pub enter: Linear,
    /// Bottom layer first.
    pub convolutions: Vec<Convolution>,
    /// W_d and b_d of each layer, `[hidden, hidden]`; empty without attention.
    pub queries: Vec<Linear>,
    /// W_c and b_c of each layer, `[context, hidden]`; empty without attention.
    pub contexts: Vec<Linear>,
    /// Multiplies the fixed context of a decoder that asks nothing, which is added to g:
    /// `[memory, hidden]`.
    pub context_weight: Option<Param<Tensor<2>>>,
    /// How the memory is read at each step.
    pub attention: Option<Attention>,
    /// Layer that makes a fixed context of the memory; without it, that is the encoder's last state.
    pub pool: Option<Pool>,
    /// Inputs of the layers before the first word.
    pub bridge: Bridge,
}

/// State of a convolutional decoder between two steps, for any number of rows.
#[derive(Debug, Clone)]
pub struct ConvState {
    /// The last `width - 1` inputs of each layer side by side, oldest first,
    /// `[rows, (width - 1) * hidden]`.
    pub layers: Vec<Tensor<2>>,
    /// The number of words read.
    pub position: usize,
}

impl ConvState {
    /// Keeps the rows of `indices`, in that order.
    pub fn select(self, indices: &Tensor<1, Int>) -> Self {
        let pick = |values: Tensor<2>| values.select(0, indices.clone());
        Self {
            layers: self.layers.into_iter().map(pick).collect(),
            position: self.position,
        }
    }
}

impl ConvDecoder {
    /// The decoder that `config` describes, for a vocabulary of `vocabulary`.
    pub fn new(initial: &Initialiser, config: &ModelConfig, vocabulary: usize) -> Self {
        let part = &config.decoder;
        let (embedding, hidden) = (config.embedding_size, config.hidden_size);
        let memory = config.encoder.memory_size(hidden);
        let context = config.attention.context_size(memory, hidden);
        let keep = 1.0 - config.layer_dropout();
        let convolution = |layer| {
            let initial = initial.part(&format!("convolutions.{layer}"));
            Convolution::new(&initial, part.kernel_width(), hidden, keep)
        };
        let attention = Attention::of(&config.attention, initial, memory, hidden);
        let asking = if attention.is_some() { part.layers } else { 0 };
        let linear = |name: &str, layer, size| {
            let initial = initial.part(&format!("{name}.{layer}"));
            Linear::new(&initial, size, hidden, true)
        };
        let fixed = config.has_fixed_context();
        Self {
            embedding: embedding_table(initial, vocabulary, embedding),
            positions: Positions::new(initial, "positions", part.max_positions(), embedding),
            enter: Linear::new(&initial.part("enter"), embedding, hidden, true),
            convolutions: (0..part.layers).map(convolution).collect(),
            queries: (0..asking)
                .map(|layer| linear("queries", layer, hidden))
                .collect(),
            contexts: (0..asking)
                .map(|layer| linear("contexts", layer, context))
                .collect(),
            context_weight: fixed.then(|| initial.weight("context_weight", memory, hidden, 1)),
            attention,
            pool: Pool::of(&config.attention, initial),
            bridge: Bridge::new(initial, config.bridge, memory, hidden, false, part.layers),
        }
    }

    /// The number of hidden units.
    pub fn hidden_size(&self) -> usize {
        self.enter.weight.dims()[1]
    }

    /// Prepares an encoded batch: what stays the same over all steps, and the first state.
    pub fn start(&self, encoded: &Encoded) -> (Source, ConvState) {
        let (attention, pool) = (self.attention.as_ref(), self.pool.as_ref());
        let source = Source::new(encoded, attention, pool, self.context_weight.as_ref());
        let first = self.bridge.forward(&encoded.states, self.hidden_size());
        let layers = first.into_iter().zip(&self.convolutions);
        let state = ConvState {
            layers: layers
                .map(|(state, convolution)| state.hidden.repeat_dim(1, convolution.width() - 1))
                .collect(),
            position: 0,
        };
        (source, state)
    }

    /// The outputs x^L of every step when the words are given (teacher forcing), all steps at once:
    /// `[time, batch, hidden]`, before dropout. `weights` says whether those of every step are wanted
    /// too.
    pub fn force(
        &self,
        words: Padded<'_>,
        encoded: &Encoded,
        noise: Option<&Noise>,
        weights: bool,
    ) -> Forced {
        let (source, state) = self.start(encoded);
        let embedded = embed(&self.embedding, words, None);
        let positions = self.positions.vectors(0, words.time).unsqueeze_dim(1);
        let entered = self.enter.forward(dropout(embedded + positions, noise));
        let entered = match &source.context {
            Some(context) => entered + context.clone().unsqueeze(),
            None => entered,
        };
        let mut values = entered.clone();
        let mut seen = None;
        for (depth, before) in state.layers.into_iter().enumerate() {
            let convolution = &self.convolutions[depth];
            let [_, rows, size] = values.dims();
            let before = before.reshape([rows, convolution.width() - 1, size]);
            let input = layer_dropout(values.clone(), noise);
            let mut found =
                convolution.forward(Tensor::cat(vec![before.swap_dims(0, 1), input], 0));
            if let (Some(attention), Some(memory)) = (&self.attention, &source.memory) {
                let query = self.queries[depth].forward(found.clone()) + entered.clone();
                let (context, shares) = attend(&attention.parameters(), query, memory, weights);
                let context = context * roots(memory).unsqueeze_dim::<3>(0);
                found = (found + self.contexts[depth].forward(context)) * HALF;
                seen = and(seen, shares);
            }
            values = (found + values) * HALF;
        }
        Forced {
            outputs: values,
            weights: self.mean(seen),
        }
    }

    /// One step, with `words` `[rows]`; rows are the batch's sentences, or beams of each
    /// (sentence-major).
    pub fn step(
        &self,
        words: Tensor<1, Int>,
        mut state: ConvState,
        source: &Source,
    ) -> Step<ConvState> {
        let embedded = self.embedding.val().select(0, words);
        let embedded = embedded + self.positions.vectors(state.position, 1);
        let entered = source.add_context(self.enter.rows(embedded));
        let [rows, size] = entered.dims();
        let mut values = entered.clone();
        let mut seen = None;
        for (depth, convolution) in self.convolutions.iter().enumerate() {
            let window = Tensor::cat(vec![state.layers[depth].clone(), values.clone()], 1);
            state.layers[depth] = window
                .clone()
                .narrow(1, size, (convolution.width() - 1) * size);
            let mut found = convolution.rows(window);
            if let (Some(attention), Some(memory)) = (&self.attention, &source.memory) {
                let query = self.queries[depth].rows(found.clone()) + entered.clone();
                let batch = memory.values.dims()[0];
                let query = query.reshape([batch, rows / batch, size]);
                let (context, shares) = attention.attend(query, memory);
                let context = context * roots(memory).unsqueeze_dim::<3>(1);
                let [_, _, width] = context.dims();
                let context = self.contexts[depth].rows(context.reshape([rows, width]));
                found = (found + context) * HALF;
                seen = and(seen, Some(shares.flatten::<2>(0, 1)));
            }
            values = (found + values) * HALF;
        }
        state.position += 1;
        Step {
            output: values,
            state,
            weights: self.mean(seen).or_else(|| source.pooled(rows)),
        }
    }

    /// The mean over the layers of attention that was added up.
    fn mean<const D: usize>(&self, sum: Option<Tensor<D>>) -> Option<Tensor<D>> {
        sum.map(|sum| sum / self.convolutions.len() as f64)
    }
}

/// The sum of what is there.
fn and<const D: usize>(sum: Option<Tensor<D>>, more: Option<Tensor<D>>) -> Option<Tensor<D>> {
    match (sum, more) {
        (Some(sum), Some(more)) => Some(sum + more),
        (sum, more) => sum.or(more),
    }
}

/// The square roots of the sources' lengths, `[batch, 1]`.
fn roots(memory: &Memory) -> Tensor<2> {
    let lengths = memory.lengths.host();
    let roots = lengths.iter().map(|&length| (length as f32).sqrt());
    let roots = TensorData::new(roots.collect::<Vec<f32>>(), [lengths.len(), 1]);
    Tensor::from_data(roots, &memory.values.device())
}
