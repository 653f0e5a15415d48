//! The recurrent decoder, with or without attention and input feeding.

use burn::module::{Module, Param};
use burn::tensor::{Int, Tensor};

use super::{Source, Step};
use crate::attention::{Attention, Past, Pool, Query};
use crate::bridge::Bridge;
use crate::cell::RecurrentLayer;
use crate::dropout::Noise;
use crate::embedding::{embed, embedding_table};
use crate::encoder::Encoded;
use crate::initial::Initialiser;
use crate::linear::Linear;
use crate::stack::Stack;
use network::ModelConfig;
use network::Padded;
use network::config::RecurrentConfig;
use operations::attention::attend;
use operations::decoder::{self, Forced, State as RecurrentState};
use operations::lengths::Lengths;
use operations::recurrent::Direction;

/// Recurrent layers of any cell over the target, mixed with what attention finds:
/// f_t = tanh(W_c [s_t ; c_t] + b_c), Luong et al. (2015), equation 5.
#[derive(Module, Debug)]
pub struct RecurrentDecoder {
    /// `[vocabulary, embedding]`.
    pub embedding: Param<Tensor<2>>,
    /// Bottom layer first.
    pub layers: Vec<RecurrentLayer>,
    /// Multiplies what enters beside the word, f or the context: `[hidden or context, gates * hidden]`.
    pub feed_weight: Option<Param<Tensor<2>>>,
    /// Multiplies the fixed context of a decoder that asks nothing: `[memory, gates * hidden]`.
    pub context_weight: Option<Param<Tensor<2>>>,
    /// How the memory is read at each step.
    pub attention: Option<Attention>,
    /// Layer that makes a fixed context of the memory; without it, that is the encoder's last state.
    pub pool: Option<Pool>,
    /// W_c and b_c: `[hidden + context, hidden]`, or `[hidden, hidden]` without attention.
    pub combine: Linear,
    /// The first state.
    pub bridge: Bridge,
    /// Residual connections and layer normalisation of the layers' outputs.
    pub stack: Stack,
    /// Which state asks.
    #[module(skip)]
    pub query: Query,
}

impl RecurrentDecoder {
    /// The decoder that `config` describes, for a vocabulary of `vocabulary`.
    ///
    /// # Panics
    /// When `config` is of a kind without a cell.
    pub fn new(initial: &Initialiser, config: &ModelConfig, vocabulary: usize) -> Self {
        let (part, hidden) = (&config.decoder, config.hidden_size);
        let cell = part.cell().expect("a recurrent decoder has a cell");
        let memory = config.encoder.memory_size(hidden);
        let context = config.attention.context_size(memory, hidden);
        let asks = config.attention.kind.asks();
        let columns = cell.gates() * hidden;
        let beside = |name, size| initial.weight(name, size, columns, cell.gates());
        let layers = (0..config.decoder.layers).map(|layer| {
            let input = if layer == 0 {
                config.embedding_size
            } else {
                hidden
            };
            let initial = initial.part(&format!("layers.{layer}"));
            RecurrentLayer::new(&initial, part, input, hidden)
        });
        let query = config.attention.query();
        let feed = if query == Query::Before {
            context
        } else {
            hidden
        };
        let fixed = config.has_fixed_context();
        Self {
            embedding: embedding_table(initial, vocabulary, config.embedding_size),
            layers: layers.collect(),
            feed_weight: config.feeds().then(|| beside("feed_weight", feed)),
            context_weight: fixed.then(|| beside("context_weight", memory)),
            attention: Attention::of(&config.attention, initial, memory, hidden),
            pool: Pool::of(&config.attention, initial),
            combine: Linear::new(
                &initial.part("combine"),
                if asks { hidden + context } else { hidden },
                hidden,
                true,
            ),
            bridge: Bridge::new(
                initial,
                config.bridge,
                memory,
                hidden,
                cell.has_cell_state(),
                config.decoder.layers,
            ),
            stack: Stack::new(initial, part, hidden),
            query,
        }
    }

    /// The number of hidden units.
    pub fn hidden_size(&self) -> usize {
        self.combine.weight.dims()[1]
    }

    /// Returns the parameters of a decoder that runs over a target.
    pub fn parameters(&self) -> decoder::Decoder {
        decoder::Decoder {
            layers: self.layers.iter().map(RecurrentLayer::parameters).collect(),
            feed_weight: self.feed_weight.as_ref().map(|weight| weight.val()),
            attention: self.attention.as_ref().map(Attention::parameters),
            combine: self.combine.parameters(),
            stack: self.stack.parameters(),
            query: self.query,
        }
    }

    /// Prepares an encoded batch: what stays the same over all steps, and the first state.
    pub fn start(&self, encoded: &Encoded) -> (Source, RecurrentState) {
        let hidden = self.hidden_size();
        let attention = self.attention.as_ref();
        let (pool, weight) = (self.pool.as_ref(), self.context_weight.as_ref());
        let source = Source::new(encoded, attention, pool, weight);
        let [rows, length, _] = encoded.memory.dims();
        let covers = attention.is_some_and(Attention::covers);
        let state = RecurrentState {
            layers: self.bridge.forward(&encoded.states, hidden),
            feed: Tensor::zeros([rows, hidden], &encoded.memory.device()),
            past: Past::none(rows, length, covers, &encoded.memory),
        };
        (source, state)
    }

    /// The outputs f of every step when the words are given (teacher forcing):
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
        let vectors = embed(&self.embedding, words, noise);
        let [time, rows, size] = vectors.dims();
        let upper = self.upper_masks(time, rows, noise);
        let parameters = self.parameters();
        if self.feed_weight.is_some() {
            let projected = parameters.layers[0].project(vectors.reshape([time * rows, size]));
            let mut projected = projected.reshape([time as i32, rows as i32, -1]);
            if let Some(context) = &source.context {
                projected = projected + context.clone().unsqueeze();
            }
            let memory = source.memory.as_ref();
            return decoder::decode(&parameters, projected, state, memory, &upper, weights);
        }
        let stack = &parameters.stack;
        let lengths = Lengths::new(&vec![time; rows], time, &vectors.device());
        let mut values = vectors;
        for (depth, (layer, start)) in parameters.layers.iter().zip(state.layers).enumerate() {
            let below = stack.keeps(depth).then(|| values.clone());
            if depth > 0
                && let Some(mask) = &upper[depth - 1]
            {
                values = values * mask.clone();
            }
            let context = (depth == 0).then_some(source.context.clone()).flatten();
            (values, _) = layer.run(values, context, &lengths, Direction::Forward, start);
            values = stack.finish(depth, values, below);
        }
        self.mix(values, &source, weights)
    }

    /// One step, with `words` `[rows]`; rows are the batch's sentences, or beams of each
    /// (sentence-major).
    pub fn step(
        &self,
        words: Tensor<1, Int>,
        state: RecurrentState,
        source: &Source,
    ) -> Step<RecurrentState> {
        let parameters = self.parameters();
        let projected = parameters.layers[0].project(self.embedding.val().select(0, words));
        let projected = source.add_context(projected);
        let step = decoder::step(&parameters, projected, state, source.memory.as_ref(), &[]);
        let rows = step.output.dims()[0];
        Step {
            weights: step.weights.or_else(|| source.pooled(rows)),
            ..step
        }
    }

    /// The outputs f for states `[time, batch, hidden]` that asked nothing yet.
    fn mix(&self, states: Tensor<3>, source: &Source, weights: bool) -> Forced {
        let shape @ [time, rows, hidden] = states.dims();
        let flat = states.clone().reshape([time * rows, hidden]);
        let (mixed, seen) = match (&self.attention, &source.memory) {
            (Some(attention), Some(memory)) => {
                let (contexts, seen) = attend(&attention.parameters(), states, memory, weights);
                let size = contexts.dims()[2];
                let contexts = contexts.reshape([time * rows, size]);
                (self.combine.squash_beside(flat, contexts), seen)
            }
            _ => (self.combine.squash(flat), None),
        };
        Forced {
            outputs: mixed.reshape(shape),
            weights: seen,
        }
    }

    /// The dropout masks of the layers above the first, each `[time, batch, hidden]` (or one step
    /// for all).
    fn upper_masks(
        &self,
        time: usize,
        rows: usize,
        noise: Option<&Noise>,
    ) -> Vec<Option<Tensor<3>>> {
        let device = self.embedding.device();
        let shape = [time, rows, self.hidden_size()];
        (1..self.layers.len())
            .map(|_| noise.and_then(|noise| Some(noise.layer_mask(shape)?.tensor(&device))))
            .collect()
    }
}
