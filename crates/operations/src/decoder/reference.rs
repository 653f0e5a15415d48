//! In plain tensor operations.

use burn::tensor::Tensor;
use network::kind::Query;

use super::parameters::{Decoder, Forced, State, Step};
use crate::affine::Activation;
use crate::attention::{Memory, answer};
use crate::cell;
use crate::lengths::at;

/// See [`super::decode`].
pub(super) fn decode(
    decoder: &Decoder,
    projected: Tensor<3>,
    mut state: State,
    memory: Option<&Memory>,
    upper: &[Option<Tensor<3>>],
    weights: bool,
) -> Forced {
    let mut seen = Vec::new();
    let outputs: Vec<Tensor<2>> = (0..projected.dims()[0])
        .map(|time| {
            let masks: Vec<_> = upper
                .iter()
                .map(|mask| mask.as_ref().map(|mask| at(mask, time)))
                .collect();
            let step = step(decoder, at(&projected, time), state.clone(), memory, &masks);
            state = step.state;
            seen.extend(step.weights.filter(|_| weights && memory.is_some()));
            step.output
        })
        .collect();
    Forced {
        outputs: Tensor::stack(outputs, 0),
        weights: (!seen.is_empty()).then(|| Tensor::stack(seen, 0)),
    }
}

/// One step from the word's share of the gates, `[rows, gates * hidden]`; `upper` has the
/// dropout masks `[rows, hidden]` of the layers above the first.
pub fn step(
    decoder: &Decoder,
    projected: Tensor<2>,
    mut state: State,
    memory: Option<&Memory>,
    upper: &[Option<Tensor<2>>],
) -> Step {
    let asks = decoder.attention.as_ref().zip(memory);
    let mut weights = None;
    let mut context = None;
    let mut beside = state.feed;
    if decoder.query == Query::Before
        && let Some((attention, memory)) = asks
    {
        let query = &state.layers[state.layers.len() - 1].hidden;
        let (found, seen) = answer(attention, query.clone(), memory, &state.past);
        beside = found.clone();
        (context, weights) = (Some(found), Some(seen));
    }
    let mut gates = match &decoder.feed_weight {
        Some(weight) => projected + beside.matmul(weight.clone()),
        None => projected,
    };
    // What the layer below gave; nothing reads it at the first.
    let mut top = state.layers[0].hidden.clone();
    for (depth, layer) in decoder.layers.iter().enumerate() {
        let below = decoder.stack.keeps(depth).then(|| top.clone());
        if depth > 0 {
            if let Some(Some(mask)) = upper.get(depth - 1) {
                top = top * mask.clone();
            }
            gates = layer.project(top);
        }
        let before = state.layers[depth].clone();
        let after = cell::step(layer.cell, gates.clone(), before, &layer.recurrence);
        top = decoder.stack.finish(depth, after.hidden.clone(), below);
        state.layers[depth] = after;
    }
    if decoder.query == Query::After
        && let Some((attention, memory)) = asks
    {
        let (found, seen) = answer(attention, top.clone(), memory, &state.past);
        (context, weights) = (Some(found), Some(seen));
    }
    let mixed = match context {
        Some(context) => Tensor::cat(vec![top, context], 1),
        None => top,
    };
    let combine = decoder.combine.clone();
    let output = combine.rows(mixed, Activation::Identity).tanh();
    let past = match &weights {
        Some(weights) => state.past.and(weights),
        None => state.past,
    };
    Step {
        output: output.clone(),
        state: State {
            layers: state.layers,
            feed: output,
            past,
        },
        weights,
    }
}
