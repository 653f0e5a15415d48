//! Gated convolutions over the target's past, each layer with attention (Gehring et al. 2017).

use network::Values;
use network::tree::ConvDecoder;

use super::{State, Stepped};
use crate::attention::{self, Question};
use crate::bridge::{self, Layers};
use crate::encoder::{Encoded, HALF};
use crate::graph::{Graph, Kind, Value};
use crate::memory::Memory;

/// The inputs of each layer that its next output sees, the oldest first.
pub(super) fn widths(decoder: &ConvDecoder<Values>) -> Vec<usize> {
    let hidden = decoder.enter.outputs();
    let layers = decoder.convolutions.iter();
    layers.map(|layer| (layer.width() - 1) * hidden).collect()
}

pub(super) fn first(
    graph: &mut Graph,
    decoder: &ConvDecoder<Values>,
    encoded: &Encoded,
) -> Vec<Value> {
    let layers = Layers {
        count: decoder.convolutions.len(),
        hidden: decoder.enter.outputs(),
        has_cell: false,
    };
    let states = bridge::states(graph, &decoder.bridge, encoded, layers);
    let layers = states.iter().zip(&decoder.convolutions);
    layers
        .map(|(state, layer)| match layer.width() - 1 {
            0 => graph.slice(&state.hidden, -1, 0, 0),
            before => graph.concat(-1, &vec![&state.hidden; before]),
        })
        .collect()
}

pub(super) fn step(
    graph: &mut Graph,
    decoder: &ConvDecoder<Values>,
    words: &Value,
    state_before: &State,
    memory: &Memory,
) -> Stepped {
    let place = graph.squeeze(&state_before.steps, 1);
    let place = graph.cast(&place, Kind::Int64);
    let place = graph.positions(&place, &decoder.positions);
    let sum = graph.add(words, &place);
    let mut entered = graph.linear(&sum, &decoder.enter);
    if let Some(share) = &memory.share {
        entered = graph.add(&entered, share);
    }
    let mut input = entered.clone();
    let (mut parts, mut weights) = (Vec::new(), Vec::new());
    for (depth, (layer, before)) in decoder
        .convolutions
        .iter()
        .zip(&state_before.parts)
        .enumerate()
    {
        let hidden = decoder.enter.outputs();
        let window = graph.concat(-1, &[before, &input]);
        parts.push(graph.slice_from(&window, -1, hidden));
        let weight = graph.floats(&[layer.width() * hidden, 2 * hidden], &layer.weight.data);
        let bias = graph.weight(&layer.bias);
        let product = graph.matmul(&window, &weight);
        let sums = graph.add(&product, &bias);
        let mut found = graph.gated(&sums);
        let asking = decoder.queries.get(depth).zip(decoder.contexts.get(depth));
        if let (Some(attention), Some((query, context))) = (&decoder.attention, asking) {
            let query = graph.linear(&found, query);
            let query = graph.add(&query, &entered);
            let question = Question {
                state: &query,
                steps: &state_before.steps,
                sums: None,
            };
            let seen = attention::read(graph, attention, memory, &question);
            // A mean of n vectors has 1 / n of their variance (section 3.5).
            let root = graph.op("Sqrt", &[&memory.lengths]);
            let whole = graph.mul(&seen.context, &root);
            let share = graph.linear(&whole, context);
            let sum = graph.add(&found, &share);
            found = graph.scale(&sum, HALF);
            weights.push(seen.weights);
        }
        let sum = graph.add(&found, &input);
        input = graph.scale(&sum, HALF);
    }
    let count = weights.len() as f32;
    let total = weights.into_iter().reduce(|sum, one| graph.add(&sum, &one));
    Stepped {
        output: input,
        parts,
        weights: total.map(|sum| graph.scale(&sum, 1.0 / count)),
    }
}
