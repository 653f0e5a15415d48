//! The walk over target time.

use burn_cubecl::tensor::CubeTensor;

use super::operation::{Decode, Inputs, Saved, SavedLayer};
use crate::attention::gpu as attention;
use crate::cell::cpu::Pointwise;
use crate::cell::gpu as cell;
use crate::gpu::layout::{Slots, copy, product, reshaped};

/// The outputs, `[time, rows, hidden]`.
pub(super) fn forward(all: &Decode, inputs: &Inputs<'_>, gradients: bool) -> (CubeTensor, Saved) {
    let &Decode {
        cell,
        time,
        rows,
        source,
        size,
        ..
    } = all;
    let like = inputs.projected;
    let room = |count: usize, width: usize, present: bool| {
        present.then(|| Slots::new(like, count, rows, width))
    };
    let memory = reshaped(inputs.memory, [rows * source, all.memory]);
    let values = product(&memory, &inputs.value_weight);
    let saved = Saved {
        layers: (0..all.layers)
            .map(|layer| SavedLayer {
                hidden: Slots::new(like, time + 1, rows, size),
                cells: room(time + 1, size, cell.has_cell_state()),
                kept: room(time, cell.kept() * size, gradients && cell.kept() > 0),
                dropped: room(time, size, all.dropout && layer + 1 < all.layers),
            })
            .collect(),
        queries: room(time, all.keys, gradients && all.energy.is_additive()),
        weights: Slots::new(like, time, rows, source),
        outputs: Slots::new(like, time, rows, size),
        values: reshaped(&values, [rows, source, size]),
    };
    for (layer, saved) in inputs.layers.iter().zip(&saved.layers) {
        copy(&layer.hidden, &saved.hidden.at(0));
        if let (Some(cell), Some(cells)) = (&layer.cell, &saved.cells) {
            copy(cell, &cells.at(0));
        }
    }
    let top = &inputs.layers[all.layers - 1];
    let mut shares = product(&top.hidden, &inputs.state_weight);
    for step in 0..time {
        let feed = (step > 0).then(|| product(&saved.outputs.at(step - 1), inputs.feed_weight));
        for layer in 0..all.layers {
            advance(all, inputs, &saved, (layer, step), feed.as_ref(), &shares);
        }
        let state = saved.layers[all.layers - 1].hidden.at(step + 1);
        shares = product(&state, &inputs.state_weight);
        attention::forward(&attention::Forward {
            energy: inputs.energy,
            keys: inputs.keys,
            values: &saved.values,
            mask: all.mask.as_ref(),
            shares: &shares,
            query: (!all.energy.is_additive()).then_some(&state),
            query_bias: inputs.query_bias,
            bias: inputs.combine_bias,
            weights: &saved.weights.at(step),
            queries: saved.queries.as_ref().map(|slots| slots.at(step)).as_ref(),
            output: &saved.outputs.at(step),
        });
    }
    let outputs = saved.outputs.together(0, time);
    (reshaped(&outputs, [time, rows, size]), saved)
}

/// One layer's step.
fn advance(
    all: &Decode,
    inputs: &Inputs<'_>,
    saved: &Saved,
    (layer, step): (usize, usize),
    feed: Option<&CubeTensor>,
    shares: &CubeTensor,
) {
    let weights = &inputs.layers[layer];
    let own = &saved.layers[layer];
    let below = weights.input_weight.as_ref().map(|weight| {
        let below = &saved.layers[layer - 1];
        let state = match &below.dropped {
            Some(dropped) => dropped.at(step),
            None => below.hidden.at(step + 1),
        };
        product(&state, weight)
    });
    let before = own.hidden.at(step);
    let recurrent = if layer + 1 == all.layers {
        shares.clone()
    } else {
        product(&before, &weights.hidden_weight)
    };
    let cells = own.cells.as_ref();
    let cells = cells.map(|cells| (cells.at(step), cells.at(step + 1)));
    cell::forward(&cell::Forward {
        kind: all.cell,
        rows: all.rows,
        size: all.size,
        projected: match &below {
            Some(projected) => (projected, 0),
            None => (inputs.projected, step),
        },
        beside: if layer > 0 {
            weights.bias.as_ref()
        } else {
            feed
        },
        recurrent: &recurrent,
        bias: weights.hidden_bias.as_ref(),
        mask: None,
        previous_hidden: &before,
        previous_cell: cells.as_ref().map(|(before, _)| before),
        hidden: &own.hidden.at(step + 1),
        cell: cells.as_ref().map(|(_, after)| after),
        kept: own.kept.as_ref().map(|kept| kept.at(step)).as_ref(),
        output: None,
        drop: own
            .dropped
            .as_ref()
            .map(|_| (inputs.dropout, layer * all.time + step)),
        dropped: own.dropped.as_ref().map(|slots| slots.at(step)).as_ref(),
        time: (step, all.time),
        last: false,
    });
}
