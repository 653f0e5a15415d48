//! The conditional GRU.

use network::Values;
use network::tree::ConditionalDecoder;

use super::{State, Stepped};
use crate::attention::{self, Question};
use crate::bridge::{self, Layers};
use crate::cell::{self, CellState};
use crate::encoder::Encoded;
use crate::graph::{Graph, Value};
use crate::memory::Memory;

pub(super) fn widths(decoder: &ConditionalDecoder<Values>) -> Vec<usize> {
    vec![decoder.layers[0].hidden_size()]
}

pub(super) fn first(
    graph: &mut Graph,
    decoder: &ConditionalDecoder<Values>,
    encoded: &Encoded,
) -> Vec<Value> {
    let layers = Layers {
        count: 1,
        hidden: decoder.layers[0].hidden_size(),
        has_cell: false,
    };
    let states = bridge::states(graph, &decoder.bridge, encoded, layers);
    states.into_iter().map(|state| state.hidden).collect()
}

pub(super) fn step(
    graph: &mut Graph,
    decoder: &ConditionalDecoder<Values>,
    words: &Value,
    state_before: &State,
    memory: &Memory,
) -> Stepped {
    let [read_word, read_context] = [&decoder.layers[0], &decoder.layers[1]];
    let transition = |graph: &mut Graph, layer, input: &Value, before: Value| {
        let layer: &network::tree::RecurrentLayer<Values> = layer;
        let product = graph.product(input, &layer.input_weight);
        let bias = graph.weight(&layer.bias);
        let projected = graph.add(&product, &bias);
        let before = CellState {
            hidden: before,
            cell: None,
        };
        cell::step(graph, layer, &projected, &before).hidden
    };
    let asking = transition(graph, read_word, words, state_before.parts[0].clone());
    let found = decoder.attention.as_ref().map(|attention| {
        let question = Question {
            state: &asking,
            steps: &state_before.steps,
            sums: state_before.sums.as_ref(),
        };
        attention::read(graph, attention, memory, &question)
    });
    let context = found
        .as_ref()
        .map_or_else(Value::none, |found| found.context.clone());
    let hidden = transition(graph, read_context, &context, asking);
    let mixed = graph.concat(-1, &[&hidden, &context]);
    let combined = graph.linear(&mixed, &decoder.combine);
    Stepped {
        output: graph.tanh(&combined),
        parts: vec![hidden],
        weights: found.map(|found| found.weights),
    }
}
