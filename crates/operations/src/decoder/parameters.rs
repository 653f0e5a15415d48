//! Parameters of a decoder, and what goes through it.

use burn::tensor::{Int, Tensor};
use network::kind::Query;

use crate::affine::Weights;
use crate::attention::{Attention, Past};
use crate::cell;
use crate::recurrent::Layer;
use crate::stack::Stack;

/// Parameters of a decoder's steps: of what stands between a word's share of the gates and the output f.
#[derive(Debug, Clone)]
pub struct Decoder {
    /// Bottom layer first.
    pub layers: Vec<Layer>,
    /// Multiplies what enters beside the word, f or the context: `[hidden or context, gates * hidden]`.
    pub feed_weight: Option<Tensor<2>>,
    /// How the memory is read at each step.
    pub attention: Option<Attention>,
    /// W_c and b_c: `[hidden + context, hidden]`, or `[hidden, hidden]` without attention.
    pub combine: Weights,
    /// Residual connections and layer normalisation of the layers' outputs.
    pub stack: Stack,
    /// Which state asks.
    pub query: Query,
}

impl Decoder {
    /// The number of hidden units.
    pub fn hidden_size(&self) -> usize {
        self.combine.weight.dims()[1]
    }
}

/// Parameters of a decoder's words.
#[derive(Debug, Clone)]
pub struct Words {
    /// Vectors of the words that are read, `[vocabulary, embedding]`.
    pub embedding: Tensor<2>,
    /// Of the words that are predicted, `[vocabulary, size]`.
    pub output: Tensor<2>,
    /// `[hidden, size]`: where f has another size.
    pub project: Option<Tensor<2>>,
    /// `[vocabulary]`
    pub bias: Tensor<1>,
}

/// State of a decoder between two steps, for any number of rows.
#[derive(Debug, Clone)]
pub struct State {
    /// Of each layer, bottom first.
    pub layers: Vec<cell::State>,
    /// f of the step before, `[rows, hidden]`; zero at first.
    pub feed: Tensor<2>,
    /// The steps before, as far as attention depends on them.
    pub past: Past,
}

impl State {
    /// Keeps the rows of `indices`, in that order.
    pub fn select(self, indices: &Tensor<1, Int>) -> Self {
        let pick = |values: Tensor<2>| values.select(0, indices.clone());
        Self {
            layers: self
                .layers
                .into_iter()
                .map(|state| state.map(pick))
                .collect(),
            feed: pick(self.feed),
            past: self.past.select(indices),
        }
    }
}

/// Result of one step.
#[derive(Debug, Clone)]
pub struct Step<S = State> {
    /// f_t, `[rows, hidden]`: what the output layer reads.
    pub output: Tensor<2>,
    /// For the next step.
    pub state: S,
    /// Attention, `[rows, source]`.
    pub weights: Option<Tensor<2>>,
}

impl<S> Step<S> {
    /// The same step with another state.
    pub fn with<R>(self, wrap: impl FnOnce(S) -> R) -> Step<R> {
        Step {
            output: self.output,
            state: wrap(self.state),
            weights: self.weights,
        }
    }
}

/// Results of a decoder when the words are given (teacher forcing).
#[derive(Debug)]
pub struct Forced {
    /// f of every step, `[time, batch, hidden]`.
    pub outputs: Tensor<3>,
    /// Attention, `[time, batch, source]`, where it was wanted and every step asks.
    pub weights: Option<Tensor<3>>,
}
