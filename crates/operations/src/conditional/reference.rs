//! In plain tensor operations.

use burn::tensor::Tensor;

use crate::affine::Activation;
use crate::attention::{Memory, answer};
use crate::cell;
use crate::decoder::{Decoder, Forced, State, Step};
use crate::lengths::at;

/// See [`super::decode`].
pub(super) fn decode(
    decoder: &Decoder,
    projected: Tensor<3>,
    mut state: State,
    memory: &Memory,
    weights: bool,
) -> Forced {
    let mut seen = Vec::new();
    let outputs: Vec<Tensor<2>> = (0..projected.dims()[0])
        .map(|time| {
            let step = step(decoder, at(&projected, time), state.clone(), memory);
            state = step.state;
            seen.extend(step.weights.filter(|_| weights));
            step.output
        })
        .collect();
    Forced {
        outputs: Tensor::stack(outputs, 0),
        weights: (!seen.is_empty()).then(|| Tensor::stack(seen, 0)),
    }
}

/// One step from the word's share of the first transition's gates, `[rows, 3 * hidden]`.
///
/// # Panics
/// When the decoder has other than two transitions and an attention.
pub fn step(decoder: &Decoder, projected: Tensor<2>, state: State, memory: &Memory) -> Step {
    let ([first, second], Some(attention)) = (&decoder.layers[..], &decoder.attention) else {
        panic!("a conditional decoder has two transitions and an attention");
    };
    let [before] = <[cell::State; 1]>::try_from(state.layers)
        .unwrap_or_else(|_| panic!("a conditional decoder has one state"));
    let asking = cell::step(first.cell, projected, before, &first.recurrence);
    let (context, seen) = answer(attention, asking.hidden.clone(), memory, &state.past);
    let gates = second.project(context.clone());
    let after = cell::step(second.cell, gates, asking, &second.recurrence);
    let mixed = Tensor::cat(vec![after.hidden.clone(), context], 1);
    let output = decoder.combine.clone().rows(mixed, Activation::Tanh);
    Step {
        output: output.clone(),
        state: State {
            layers: vec![after],
            feed: output,
            past: state.past.and(&seen),
        },
        weights: Some(seen),
    }
}
