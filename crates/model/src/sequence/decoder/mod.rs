//! The input-feeding decoder over a whole target, on the CPU's own kernels.

mod operation;
mod reading;

use burn::tensor::Tensor;
use kernels::decoder::Shape;
use operation::Decode;
use reading::Reading;

use super::Forced;
use super::attention::{Form, Parts, by_head, parts};
use crate::decoder::{RecurrentDecoder, RecurrentState, Source};
use crate::host::{Operand, apply};

/// See [`super::decode`]. Hands its arguments back where the kernels have no such decoder.
#[allow(clippy::result_large_err)] // Two tensors handed back, once a batch.
pub(super) fn fused(
    decoder: &RecurrentDecoder,
    projected: Tensor<3>,
    state: RecurrentState,
    source: &Source,
    upper: &[Option<Tensor<3>>],
    weights: bool,
) -> Result<Forced, (Tensor<3>, RecurrentState)> {
    let Some(feed_weight) = &decoder.feed_weight else {
        return Err((projected, state));
    };
    let Parts {
        form,
        query,
        vector,
        coverage,
        local,
        heads,
    } = match &decoder.attention {
        Some(attention) => parts(attention),
        // A decoder that asks nothing asks [`Reading::blank`].
        None => Parts::multiplicative(1.0),
    };
    let [time, batch, _] = projected.dims();
    let hidden = decoder.hidden_size();
    let Reading {
        memory,
        combine,
        feed,
    } = Reading::new(decoder, feed_weight.val(), source, heads, batch);
    let size = memory.keys.dims()[2];
    let query_bias = match (form, query) {
        (Form::Additive, Some(query)) => Some(match &query.bias {
            Some(bias) => bias.val(),
            None => Tensor::zeros([size], &projected.device()),
        }),
        _ => None,
    };
    let [_, length, width] = memory.values.dims();
    let first = &decoder.layers[0];
    let operation = Decode {
        cell: first.cell,
        shape: Shape {
            time,
            batch,
            source: length,
            hidden,
            memory: width,
            keys: size,
            heads: heads.map_or(1, |member| member.heads),
        },
        layers: decoder.layers.len(),
        lengths: memory.lengths.host().to_vec(),
        form,
        window: local.map(|local| (local.window, local.position.is_some())),
        query: decoder.query,
        dropout: upper.iter().any(Option::is_some),
        residual: decoder.stack.residual,
    };
    let masks: Vec<Tensor<3>> = upper
        .iter()
        .flatten()
        .map(|mask| mask.clone().expand([time, batch, hidden]))
        .collect();
    let stack = |part: Vec<Tensor<2>>| Operand::new(Tensor::stack::<3>(part, 0));
    let cells: Option<Vec<Tensor<2>>> = state
        .layers
        .iter()
        .map(|state| state.cell.clone())
        .collect();
    let norms: Vec<Tensor<1>> = decoder
        .stack
        .norms
        .iter()
        .flat_map(|norm| [norm.gain.val(), norm.bias.val()])
        .collect();
    let norms = (!norms.is_empty()).then(|| Tensor::cat(norms, 0));
    let inputs = [
        Operand::new(projected),
        Operand::new(feed),
        Operand::new(first.hidden_weight.val()),
        first
            .recurrence()
            .bias
            .map_or_else(Operand::absent, Operand::new),
        pack(&decoder.layers[1..]).map_or_else(Operand::absent, Operand::new),
        stack(state.layers.into_iter().map(|state| state.hidden).collect()),
        cells.map_or_else(Operand::absent, stack),
        if masks.is_empty() {
            Operand::absent()
        } else {
            Operand::new(Tensor::cat(masks, 0))
        },
        norms.map_or_else(Operand::absent, Operand::new),
        by_head(heads, &memory.values),
        by_head(heads, &memory.keys),
        query.map_or_else(Operand::absent, |query| Operand::new(query.weight.val())),
        query_bias.map_or_else(Operand::absent, Operand::new),
        vector.map_or_else(Operand::absent, Operand::new),
        coverage.map_or_else(Operand::absent, Operand::new),
        local
            .and_then(|local| local.position.as_ref())
            .map_or_else(Operand::absent, |position| {
                Operand::new(position.weight.val())
            }),
        local
            .and_then(|local| local.position_vector.as_ref())
            .map_or_else(Operand::absent, |vector| Operand::new(vector.val())),
        Operand::new(combine),
        // The combining layer is always made with a bias.
        decoder
            .combine
            .bias
            .as_ref()
            .map(|bias| bias.val())
            .map_or_else(Operand::absent, Operand::new),
    ];
    let shapes: [&[usize]; 2] = [&[time, batch, hidden], &[time, batch, length]];
    // A memory that is none has no weights.
    let found = if weights && source.memory.is_some() {
        let [outputs, weights] = apply(operation, inputs, shapes);
        (outputs, Some(weights.tensor()))
    } else {
        let [outputs] = apply(operation, inputs, [shapes[0]]);
        (outputs, None)
    };
    Ok(Forced {
        outputs: found.0.tensor(),
        weights: found.1,
    })
}

/// The parameters of the layers above the first, end to end.
pub(super) fn pack(layers: &[crate::cell::RecurrentLayer]) -> Option<Tensor<1>> {
    let flat = |weight: Tensor<2>| weight.flatten::<1>(0, 1);
    let mut parts = Vec::new();
    for layer in layers {
        parts.push(flat(layer.input_weight.val()));
        parts.push(layer.bias.val());
        parts.push(flat(layer.hidden_weight.val()));
        parts.extend(layer.hidden_bias.as_ref().map(|bias| bias.val()));
    }
    (!parts.is_empty()).then(|| Tensor::cat(parts, 0))
}
