//! On a GPU: at each step two matrix products, a cell's program and an attention's.
//!
//! With f the output, s the state of the top layer, U its recurrent weight, W_q the query's and W_s
//! the state's half of the combination's weight, a step needs f W_f for the gates of the next step,
//! and s W_q, s W_s and s U: the last three are one product with [W_q | W_s | U].

mod backward;
mod forward;
mod gradients;
mod operation;

use burn::tensor::Tensor;
use burn_cubecl::tensor::CubeTensor;
use network::kind::Query;

use super::parameters::{Decoder, State};
use super::upper::joined;
use crate::attention::Memory;
use crate::gpu::node::{Operand, apply};
use crate::operands::Listed;
use operation::{Decode, Operands};

/// Whether there are programs for such a decoder.
pub(super) fn runs(decoder: &Decoder, memory: Option<&Memory>) -> bool {
    decoder.query == Query::After
        && memory.is_some()
        && decoder.feed_weight.is_some()
        && decoder.stack.is_plain(decoder.layers.len())
        && decoder
            .layers
            .iter()
            .all(|layer| layer.recurrence.fits_gpu())
        && decoder
            .attention
            .as_ref()
            .is_some_and(|attention| attention.fits_gpu())
}

/// See [`super::decode`]. Takes what [`runs`] holds for.
pub(super) fn decode(
    decoder: &Decoder,
    projected: Tensor<3>,
    state: State,
    memory: Option<&Memory>,
    upper: &[Option<Tensor<3>>],
) -> Tensor<3> {
    let (Some(attention), Some(memory), Some(feed_weight)) =
        (&decoder.attention, memory, &decoder.feed_weight)
    else {
        unreachable!("a decoder without attention or feeding has no programs");
    };
    let [time, rows, _] = projected.dims();
    let [_, length, width] = memory.values.dims();
    let size = decoder.hidden_size();
    let first = &decoder.layers[0];
    let dropout = upper.iter().any(Option::is_some);
    let query = attention.query.clone();
    let (query_weight, query_bias) = query.map(|query| (query.weight, query.bias)).unzip();
    let query_bias = query_bias.flatten();
    let operation = Decode {
        cell: first.cell,
        time,
        rows,
        source: length,
        size,
        memory: width,
        keys: memory.keys.dims()[2],
        layers: decoder.layers.len(),
        energy: attention.energy.as_ref().map(|_| ()),
        biased: query_bias.is_some(),
        mask: mask(memory),
        dropout,
    };
    let masks: Vec<Tensor<3>> = upper
        .iter()
        .flatten()
        .map(|mask| mask.clone().expand([time, rows, size]))
        .collect();
    let cells: Option<Vec<Tensor<2>>> = state
        .layers
        .iter()
        .map(|state| state.cell.clone())
        .collect();
    let hidden = state.layers.into_iter().map(|state| state.hidden).collect();
    let projected = Operand::new(projected);
    let stand_in = projected.stand_in();
    let or_stand_in = |given: Option<Operand>| given.unwrap_or_else(|| stand_in.stand_in());
    let recurrence = &first.recurrence;
    let operands = Operands {
        projected,
        feed_weight: Operand::new(feed_weight.clone()),
        hidden_weight: Operand::new(recurrence.weight.clone()),
        upper: or_stand_in(joined(&decoder.layers[1..]).map(Operand::new)),
        initial_hidden: Operand::new(side_by_side(hidden)),
        initial_cell: or_stand_in(cells.map(side_by_side).map(Operand::new)),
        dropout: or_stand_in(dropout.then(|| Operand::new(Tensor::cat(masks, 0)))),
        memory: Operand::new(memory.values.clone()),
        keys: Operand::new(memory.keys.clone()),
        query_weight: or_stand_in(query_weight.map(Operand::new)),
        query_bias: or_stand_in(query_bias.map(Operand::new)),
        vector: or_stand_in(attention.energy.clone().vector().map(Operand::new)),
        combine_weight: Operand::new(decoder.combine.weight.clone()),
        // The combining layer is always made with a bias.
        combine_bias: or_stand_in(decoder.combine.bias.clone().map(Operand::new)),
        parameters: recurrence
            .parameters()
            .map(|given| or_stand_in(given.map(Operand::new))),
    };
    apply(operation, operands.into_array()).0
}

/// 1 at real source positions, `[source, batch]`, where anything is padded.
fn mask(memory: &Memory) -> Option<CubeTensor> {
    let mask = memory.lengths.mask()?;
    Some(Operand::new(mask.clone()).values())
}

/// `[layers, rows, hidden]`
fn side_by_side(mut parts: Vec<Tensor<2>>) -> Tensor<3> {
    match (parts.pop(), parts.is_empty()) {
        // Nothing is copied.
        (Some(part), true) => part.unsqueeze_dim(0),
        (last, _) => Tensor::stack(parts.into_iter().chain(last).collect(), 0),
    }
}
