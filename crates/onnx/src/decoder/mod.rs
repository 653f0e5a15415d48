//! Decoders: one step from a state and a word to the next state.

mod conditional;
mod convolution;
mod recurrent;

use network::tree::{self, Output};
use network::{Shaped, Values};

use crate::attention;
use crate::encoder::Encoded;
use crate::graph::{Graph, Value};
use crate::memory::Memory;
use crate::pool;

/// A decoder whose steps are written down.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer<'a> {
    decoder: &'a tree::Decoder<Values>,
}

/// Where a hypothesis is.
#[derive(Debug, Clone)]
pub(crate) struct State {
    /// Numbers of each row, `[batch, width]` each, as wide as [`Writer::widths`] says.
    pub parts: Vec<Value>,
    /// The number of steps before, `[batch, 1]`.
    pub steps: Value,
    /// The sum of the weights that each position had in them, `[batch, positions]`, where they count.
    pub sums: Option<Value>,
}

/// What a step makes.
#[derive(Debug)]
pub(crate) struct Stepped {
    /// What the output layer reads, `[batch, hidden]`.
    pub output: Value,
    /// The parts of the next state.
    pub parts: Vec<Value>,
    /// The weight of each position, `[batch, positions]`, with attention.
    pub weights: Option<Value>,
}

impl<'a> Writer<'a> {
    /// Of a decoder.
    pub fn new(decoder: &'a tree::Decoder<Values>) -> Self {
        Self { decoder }
    }

    /// How wide the parts of a state are.
    pub fn widths(&self) -> Vec<usize> {
        match self.decoder {
            tree::Decoder::Recurrent(decoder) => recurrent::widths(decoder),
            tree::Decoder::Conditional(decoder) => conditional::widths(decoder),
            tree::Decoder::Conv(decoder) => convolution::widths(decoder),
        }
    }

    /// How wide the share of a fixed context is, where there is one.
    pub fn share_width(&self) -> Option<usize> {
        self.share_weight().map(Shaped::columns)
    }

    fn share_weight(&self) -> Option<&'a Values> {
        match self.decoder {
            tree::Decoder::Recurrent(decoder) => decoder.context_weight.as_ref(),
            tree::Decoder::Conditional(_) => None,
            tree::Decoder::Conv(decoder) => decoder.context_weight.as_ref(),
        }
    }

    /// The parts of the first state.
    pub fn first(&self, graph: &mut Graph, encoded: &Encoded) -> Vec<Value> {
        match self.decoder {
            tree::Decoder::Recurrent(decoder) => recurrent::first(graph, decoder, encoded),
            tree::Decoder::Conditional(decoder) => conditional::first(graph, decoder, encoded),
            tree::Decoder::Conv(decoder) => convolution::first(graph, decoder, encoded),
        }
    }

    /// The share of a fixed context in the first layer's input.
    pub fn share(&self, graph: &mut Graph, encoded: &Encoded) -> Option<Value> {
        let weight = self.share_weight()?;
        let context = match self.decoder.pool() {
            Some(pool) => pool::context(graph, pool, encoded),
            None => encoded.top().hidden.clone(),
        };
        Some(graph.product(&context, weight))
    }

    /// A step of rows that read words with these vectors, `[batch, embedding]`.
    pub fn step(
        &self,
        graph: &mut Graph,
        words: &Value,
        state: &State,
        memory: &Memory,
    ) -> Stepped {
        match self.decoder {
            tree::Decoder::Recurrent(decoder) => {
                recurrent::step(graph, decoder, words, state, memory)
            }
            tree::Decoder::Conditional(decoder) => {
                conditional::step(graph, decoder, words, state, memory)
            }
            tree::Decoder::Conv(decoder) => convolution::step(graph, decoder, words, state, memory),
        }
    }

    /// The state after a step.
    pub fn next(&self, graph: &mut Graph, state: &State, stepped: &Stepped) -> State {
        let one = graph.float(1.0);
        let sums = match (&state.sums, &stepped.weights) {
            (Some(sums), Some(weights)) => Some(graph.add(sums, weights)),
            (sums, _) => sums.clone(),
        };
        State {
            parts: stepped.parts.clone(),
            steps: graph.add(&state.steps, &one),
            sums,
        }
    }

    /// Whether a step's weights depend on those before.
    pub fn covers(&self) -> bool {
        attention::covers(self.decoder.attention())
    }
}

/// The energies of all words, `[.., vocabulary]`, of what [`Stepped::output`] gives; `table` has the target words' vectors.
pub(crate) fn logits(
    graph: &mut Graph,
    output: &Output<Values>,
    table: &Value,
    states: &Value,
) -> Value {
    let states = match &output.project {
        Some(project) => graph.linear(states, project),
        None => states.clone(),
    };
    let weight = match &output.weight {
        Some(weight) => graph.weight(weight),
        None => table.clone(),
    };
    let weight = graph.transpose(&weight, &[1, 0]);
    let bias = graph.weight(&output.bias);
    let product = graph.matmul(&states, &weight);
    graph.add(&product, &bias)
}
