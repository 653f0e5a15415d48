//! Recurrent layers over the target.

use network::Values;
use network::kind::Query;
use network::tree::RecurrentDecoder;

use super::{State, Stepped};
use crate::attention::{self, Question};
use crate::bridge::{self, Layers};
use crate::cell::{self, CellState};
use crate::encoder::Encoded;
use crate::graph::{Graph, Value};
use crate::memory::Memory;
use crate::stack;

fn layers(decoder: &RecurrentDecoder<Values>) -> Layers {
    let first = &decoder.layers[0];
    Layers {
        count: decoder.layers.len(),
        hidden: first.hidden_size(),
        has_cell: first.cell.has_cell_state(),
    }
}

/// Whether the output of a step enters the next.
fn feeds_output(decoder: &RecurrentDecoder<Values>) -> bool {
    decoder.feed_weight.is_some() && decoder.query == Query::After
}

/// The states of all layers, and what is fed.
pub(super) fn widths(decoder: &RecurrentDecoder<Values>) -> Vec<usize> {
    let layers = layers(decoder);
    let count = layers.count * (1 + usize::from(layers.has_cell));
    vec![layers.hidden; count + usize::from(feeds_output(decoder))]
}

pub(super) fn first(
    graph: &mut Graph,
    decoder: &RecurrentDecoder<Values>,
    encoded: &Encoded,
) -> Vec<Value> {
    let layers = layers(decoder);
    let states = bridge::states(graph, &decoder.bridge, encoded, layers);
    let mut parts: Vec<Value> = states.iter().flat_map(CellState::values).cloned().collect();
    if feeds_output(decoder) {
        let batch = graph.length(&parts[0], 0);
        parts.push(graph.zeros(&batch, layers.hidden));
    }
    parts
}

pub(super) fn step(
    graph: &mut Graph,
    decoder: &RecurrentDecoder<Values>,
    words: &Value,
    state_before: &State,
    memory: &Memory,
) -> Stepped {
    let layers = layers(decoder);
    let mut parts = state_before.parts.iter().cloned();
    let mut next = || parts.next().unwrap_or_else(Value::none);
    let before: Vec<CellState> = (0..layers.count)
        .map(|_| CellState {
            hidden: next(),
            cell: layers.has_cell.then(&mut next),
        })
        .collect();
    let (asks_before, attention) = (decoder.query == Query::Before, decoder.attention.as_ref());
    let question = |state| Question {
        steps: &state_before.steps,
        sums: state_before.sums.as_ref(),
        state,
    };
    let mut found = attention.filter(|_| asks_before).map(|attention| {
        let top = &before[layers.count - 1].hidden;
        attention::read(graph, attention, memory, &question(top))
    });
    let fed = match &found {
        Some(found) => Some(found.context.clone()),
        None => feeds_output(decoder).then(next),
    };
    let mut input = words.clone();
    let mut after = Vec::with_capacity(layers.count);
    for (depth, (layer, before)) in decoder.layers.iter().zip(&before).enumerate() {
        let product = graph.product(&input, &layer.input_weight);
        let bias = graph.weight(&layer.bias);
        let mut projected = graph.add(&product, &bias);
        if depth == 0 {
            if let (Some(fed), Some(weight)) = (&fed, &decoder.feed_weight) {
                let share = graph.product(fed, weight);
                projected = graph.add(&projected, &share);
            }
            if let Some(share) = &memory.share {
                projected = graph.add(&projected, share);
            }
        }
        let new = cell::step(graph, layer, &projected, before);
        let below = (depth > 0).then_some(&input);
        input = stack::finish(graph, &decoder.stack, depth, &new.hidden, below);
        after.push(new);
    }
    if let Some(attention) = attention.filter(|_| !asks_before) {
        found = Some(attention::read(graph, attention, memory, &question(&input)));
    }
    let mixed = match &found {
        Some(found) => graph.concat(-1, &[&input, &found.context]),
        None => input,
    };
    let combined = graph.linear(&mixed, &decoder.combine);
    let output = graph.tanh(&combined);
    let mut parts: Vec<Value> = after.iter().flat_map(CellState::values).cloned().collect();
    if feeds_output(decoder) {
        parts.push(output.clone());
    }
    Stepped {
        output,
        parts,
        weights: found.map(|found| found.weights),
    }
}
