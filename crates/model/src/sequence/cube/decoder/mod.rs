//! The input-feeding decoder over a whole target: at each step two matrix products, a cell's program
//! and an attention's.
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

use crate::attention::{Attention, Query};
use crate::decoder::{RecurrentDecoder, RecurrentState, Source};
use crate::gpu::node::{Operand, apply};
use crate::sequence::decoder::pack;
use operation::{Decode, Form, INPUTS};

/// See [`crate::sequence::decode`]. Hands its arguments back where there is no such operation.
#[allow(clippy::result_large_err)] // Two tensors handed back, once a batch.
pub(crate) fn decode(
    decoder: &RecurrentDecoder,
    projected: Tensor<3>,
    state: RecurrentState,
    source: &Source,
    upper: &[Option<Tensor<3>>],
) -> Result<Tensor<3>, (Tensor<3>, RecurrentState)> {
    let (Some(attention), Some(memory), Some(feed_weight), Query::After) = (
        &decoder.attention,
        &source.memory,
        &decoder.feed_weight,
        decoder.query,
    ) else {
        return Err((projected, state));
    };
    let Some(form) = form(attention) else {
        return Err((projected, state));
    };
    let [time, rows, _] = projected.dims();
    let [_, length, width] = memory.values.dims();
    let size = decoder.hidden_size();
    let first = &decoder.layers[0];
    let dropout = upper.iter().any(Option::is_some);
    let operation = Decode {
        kind: first.cell.into(),
        time,
        rows,
        source: length,
        size,
        memory: width,
        keys: memory.keys.dims()[2],
        layers: decoder.layers.len(),
        form,
        mask: mask(source),
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
    let (query_weight, query_bias, vector) = query(attention);
    let inputs: [Operand; INPUTS] = [
        projected,
        Operand::new(feed_weight.val()),
        Operand::new(first.hidden_weight.val()),
        or_stand_in(first.recurrence().bias.map(Operand::new)),
        or_stand_in(pack(&decoder.layers[1..]).map(Operand::new)),
        Operand::new(side_by_side(hidden)),
        or_stand_in(cells.map(side_by_side).map(Operand::new)),
        or_stand_in(dropout.then(|| Operand::new(Tensor::cat(masks, 0)))),
        Operand::new(memory.values.clone()),
        Operand::new(memory.keys.clone()),
        or_stand_in(query_weight.map(Operand::new)),
        or_stand_in(query_bias.map(Operand::new)),
        or_stand_in(vector.map(Operand::new)),
        Operand::new(decoder.combine.weight.val()),
        // The combining layer is always made with a bias.
        or_stand_in(
            decoder
                .combine
                .bias
                .as_ref()
                .map(|bias| Operand::new(bias.val())),
        ),
    ];
    Ok(apply(operation, inputs).0)
}

/// How an attention's energies are made; `None` for what the programs cannot do.
fn form(attention: &Attention) -> Option<Form> {
    let multiplicative = |scale| Form::Multiplicative { scale };
    Some(match attention {
        _ if attention.covers() => return None,
        Attention::Additive(_) => Form::Additive { biased: true },
        Attention::Concat(_) => Form::Additive { biased: false },
        Attention::Dot(_) | Attention::General(_) => multiplicative(1.0),
        Attention::Scaled(member) => multiplicative(member.scale() as f32),
        Attention::MultiHead(_) | Attention::Local(_) => return None,
    })
}

/// An additive attention's query weight, query bias and vector.
#[allow(clippy::type_complexity)] // Three parts that may be missing.
fn query(attention: &Attention) -> (Option<Tensor<2>>, Option<Tensor<1>>, Option<Tensor<1>>) {
    let (query, vector) = match attention {
        Attention::Additive(member) => (&member.query, &member.energy),
        Attention::Concat(member) => (&member.query, &member.energy),
        _ => return (None, None, None),
    };
    let bias = query.bias.as_ref().map(|bias| bias.val());
    (Some(query.weight.val()), bias, Some(vector.val()))
}

/// 1 at real source positions, `[source, batch]`, where anything is padded.
fn mask(source: &Source) -> Option<CubeTensor> {
    let memory = source.memory.as_ref()?;
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
