//! The walk back over target time, then each weight's gradient as one product over all steps.

use burn::tensor::Tensor;
use burn_cubecl::tensor::CubeTensor;

use super::operation::{Decode, INPUTS, Inputs, Saved};
use crate::gpu::memory::{Slots, empty, product, reshaped, tensor, transposed, values};
use crate::sequence::cube::cell::Kind;
use crate::sequence::cube::{attention, cell};

/// A layer's gradients over the walk.
struct Layer {
    /// At its gates, in `time` slots.
    projected: Slots,
    /// At its hidden product where that differs, in `time` slots; of the top layer among
    /// [`Walk::shares`].
    recurrent: Option<Slots>,
    /// `[rows, hidden]`: of the state, from the step after.
    later: CubeTensor,
    carried: Option<CubeTensor>,
    carried_cell: Option<CubeTensor>,
}

/// The gradients so far.
struct Walk {
    layers: Vec<Layer>,
    /// At the top state's products, in `time + 1` slots: the first is of the first state's.
    shares: Slots,
    /// At the energies, in `time` slots.
    energies: Slots,
    /// `[rows, hidden]`: of a step's output, from the step after.
    feed: Option<CubeTensor>,
}

/// The weights, transposed.
struct Turned {
    state: CubeTensor,
    feed: CubeTensor,
    layers: Vec<(Option<CubeTensor>, CubeTensor)>,
}

/// See [`crate::gpu::node::Operation::backward`].
pub(super) fn backward(
    all: &Decode,
    inputs: &Inputs<'_>,
    saved: &Saved,
    gradient: &CubeTensor,
    wanted: [bool; INPUTS],
) -> [Option<CubeTensor>; INPUTS] {
    let &Decode {
        kind,
        time,
        rows,
        size,
        ..
    } = all;
    let like = inputs.projected;
    let width = inputs.state_weight.meta.shape()[1];
    let mut walk = Walk {
        layers: (0..all.layers)
            .map(|layer| Layer {
                projected: Slots::new(like, time, rows, all.gates()),
                recurrent: (kind.has_own_recurrent_gradient() && layer + 1 < all.layers)
                    .then(|| Slots::new(like, time, rows, all.gates())),
                // Read by nobody before it is made: any buffer of that size will do.
                later: saved.layers[layer].hidden.at(0),
                carried: (kind == Kind::Gru).then(|| empty(like, [rows, size])),
                carried_cell: kind.has_memory().then(|| empty(like, [rows, size])),
            })
            .collect(),
        shares: Slots::zeros(like, time + 1, rows, width),
        energies: Slots::new(like, time, rows, all.source),
        feed: None,
    };
    let turned = Turned {
        state: transposed(&inputs.state_weight),
        feed: transposed(inputs.feed_weight),
        layers: inputs
            .layers
            .iter()
            .map(|layer| {
                let input = layer.input_weight.as_ref().map(transposed);
                (input, transposed(&layer.hidden_weight))
            })
            .collect(),
    };
    for step in (0..time).rev() {
        walk.step(all, inputs, saved, &turned, gradient, step);
    }
    walk.finish(all, inputs, saved, &turned, wanted)
}

impl Walk {
    fn step(
        &mut self,
        all: &Decode,
        inputs: &Inputs<'_>,
        saved: &Saved,
        turned: &Turned,
        gradient: &CubeTensor,
        step: usize,
    ) {
        let top = all.layers - 1;
        let state = saved.layers[top].hidden.at(step + 1);
        let asked = saved.queries.as_ref().map(|slots| slots.at(step));
        let query = (!all.is_additive()).then(|| empty(gradient, [all.rows, all.keys]));
        let shares = self.shares.at(step + 1);
        attention::backward(&attention::Backward {
            energy: all.energy(inputs),
            keys: inputs.keys,
            values: &saved.values,
            queries: asked.as_ref().unwrap_or(&state),
            weights: &saved.weights.at(step),
            output: &saved.outputs.at(step),
            upstream: (gradient, step),
            later: self.feed.as_ref(),
            shares: &shares,
            query: query.as_ref(),
            energies: &self.energies.at(step),
        });
        self.layers[top].later = product(&shares, &turned.state);
        let mut above = None;
        for layer in (0..all.layers).rev() {
            self.cell(all, inputs, saved, (layer, step), above.as_ref(), &query);
            let of_gates = self.layers[layer].projected.at(step);
            let (input, hidden) = &turned.layers[layer];
            above = input.as_ref().map(|weight| product(&of_gates, weight));
            if layer < top {
                let own = &mut self.layers[layer];
                let of_product = own.recurrent.as_ref().map(|slots| slots.at(step));
                own.later = product(of_product.as_ref().unwrap_or(&of_gates), hidden);
            }
            if layer == 0 && step > 0 {
                self.feed = Some(product(&of_gates, &turned.feed));
            }
        }
    }

    fn cell(
        &mut self,
        all: &Decode,
        inputs: &Inputs<'_>,
        saved: &Saved,
        (layer, step): (usize, usize),
        above: Option<&CubeTensor>,
        query: &Option<CubeTensor>,
    ) {
        let is_top = layer + 1 == all.layers;
        let kept = &saved.layers[layer];
        let cells = kept.cells.as_ref();
        let cells = cells.map(|cells| (cells.at(step), cells.at(step + 1)));
        let own = &self.layers[layer];
        let recurrent = if is_top {
            Some(self.shares.at(step))
        } else {
            own.recurrent.as_ref().map(|slots| slots.at(step))
        };
        cell::backward(&cell::Backward {
            kind: all.kind,
            rows: all.rows,
            size: all.size,
            kept: kept.kept.as_ref().map(|slots| slots.at(step)).as_ref(),
            previous_hidden: &kept.hidden.at(step),
            hidden: &kept.hidden.at(step + 1),
            cells: cells.as_ref().map(|(before, after)| (before, after)),
            upstream: above.map(|gradient| (gradient, 0)),
            ends: None,
            drop: (all.dropout && !is_top).then_some((inputs.dropout, layer * all.time + step)),
            // The top layer's product is of this very step: it is there from the start.
            product: (is_top || step + 1 < all.time).then_some(&own.later),
            query: query.as_ref().filter(|_| is_top),
            mask: None,
            carried: own.carried.as_ref(),
            carried_cell: own.carried_cell.as_ref(),
            projected: &own.projected.at(step),
            recurrent: recurrent.as_ref(),
            first: step + 1 == all.time,
        });
    }

    fn finish(
        self,
        all: &Decode,
        inputs: &Inputs<'_>,
        saved: &Saved,
        turned: &Turned,
        wanted: [bool; INPUTS],
    ) -> [Option<CubeTensor>; INPUTS] {
        let &Decode {
            kind,
            time,
            rows,
            source,
            size,
            ..
        } = all;
        let (gates, top) = (all.gates(), all.layers - 1);
        let gru = kind == Kind::Gru;

        // What all steps share.
        let like = inputs.projected;
        let d_keys = empty(like, [rows, source, all.keys]);
        let d_values = empty(like, [rows, source, size]);
        let d_vector = all
            .is_additive()
            .then(|| empty(like, [rows * source, all.keys]));
        attention::keys(&attention::Keys {
            energy: all.energy(inputs),
            keys: inputs.keys,
            queries: match &saved.queries {
                Some(queries) => (queries, 0),
                None => (&saved.layers[top].hidden, 1),
            },
            weights: &saved.weights,
            energies: &self.energies,
            shares: (&self.shares, 1),
            time,
            d_keys: &d_keys,
            d_values: &d_values,
            d_vector: d_vector.as_ref(),
        });
        let d_values = reshaped(&d_values, [rows * source, size]);
        let d_memory = product(&d_values, &transposed(&inputs.value_weight));
        let memory = reshaped(inputs.memory, [rows * source, all.memory]);
        let d_value_weight = product(&transposed(&memory), &d_values);

        // The top state's products.
        let shares = self.shares.together(0, time + 1);
        let states = saved.layers[top].hidden.together(0, time + 1);
        let d_state_weight = tensor::<2>(&product(&transposed(&states), &shares));
        let d_bias = tensor::<2>(&shares).sum_dim(0);
        let first = all.query_columns();
        let block = |of: &Tensor<2>, start: usize, count: usize| of.clone().narrow(1, start, count);
        let weight_block = |start, count| values(block(&d_state_weight, start, count));
        let bias_block =
            |start, count: usize| values(block(&d_bias, start, count).reshape([count]));
        let inner_start = first + size + gates - size;

        let start = |layer: usize| {
            let own = &self.layers[layer];
            let by_product = if layer == top {
                product(&self.shares.at(0), &turned.state)
            } else {
                own.later.clone()
            };
            match &own.carried {
                Some(carried) => tensor::<2>(&by_product) + tensor::<2>(carried),
                None => tensor(&by_product),
            }
        };
        let own_hidden_weight = |layer: usize| {
            if layer == top {
                return weight_block(first + size, gates);
            }
            let own = &self.layers[layer];
            let gradient = own.recurrent.as_ref().unwrap_or(&own.projected);
            let before = saved.layers[layer].hidden.together(0, time);
            product(&transposed(&before), &gradient.together(0, time))
        };
        let own_hidden_bias = |layer: usize| {
            if layer == top {
                return bias_block(inner_start, size);
            }
            let own = &self.layers[layer];
            let gradient = own.recurrent.as_ref().unwrap_or(&own.projected);
            let inner = tensor::<2>(&gradient.together(0, time)).narrow(1, 2 * size, size);
            values(inner.sum_dim(0).reshape([size]))
        };
        let upper = || {
            let mut parts: Vec<Tensor<1>> = Vec::new();
            for layer in 1..all.layers {
                let below = &saved.layers[layer - 1];
                let below = match &below.dropped {
                    Some(dropped) => dropped.together(0, time),
                    None => below.hidden.together(1, time),
                };
                let gradient = self.layers[layer].projected.together(0, time);
                let input_weight = product(&transposed(&below), &gradient);
                parts.push(tensor::<2>(&input_weight).flatten(0, 1));
                parts.push(tensor::<2>(&gradient).sum_dim(0).flatten(0, 1));
                parts.push(tensor::<2>(&own_hidden_weight(layer)).flatten(0, 1));
                if gru {
                    parts.push(tensor(&own_hidden_bias(layer)));
                }
            }
            values(Tensor::cat(parts, 0))
        };
        let stacked = |parts: Vec<Tensor<2>>| values(Tensor::stack::<3>(parts, 0));
        let d_start = || match top {
            0 => reshaped(&values(start(0)), [1, rows, size]),
            _ => stacked((0..all.layers).map(start).collect()),
        };
        let cells = self.layers.iter().map(|layer| layer.carried_cell.as_ref());
        let cells: Option<Vec<&CubeTensor>> = cells.collect();
        let d_start_cell = |cells: Vec<&CubeTensor>| match cells[..] {
            [cell] => reshaped(cell, [1, rows, size]),
            _ => stacked(cells.into_iter().map(tensor).collect()),
        };
        let d_projected = self.layers[0].projected.together(0, time);
        let d_feed_weight = || {
            if time == 1 {
                return values(Tensor::<2>::zeros(
                    [size, gates],
                    &tensor::<3>(like).device(),
                ));
            }
            let fed = saved.outputs.together(0, time - 1);
            product(
                &transposed(&fed),
                &self.layers[0].projected.together(1, time - 1),
            )
        };
        let d_combine_weight = Tensor::cat(
            vec![block(&d_state_weight, first, size), tensor(&d_value_weight)],
            0,
        );
        let additive = all.is_additive();
        let of_vector = |d: &CubeTensor| values(tensor::<2>(d).sum_dim(0).reshape([all.keys]));
        [
            Some(reshaped(&d_projected, [time, rows, gates])),
            wanted[1].then(d_feed_weight),
            wanted[2].then(|| own_hidden_weight(0)),
            (gru && wanted[3]).then(|| own_hidden_bias(0)),
            (top > 0 && wanted[4]).then(upper),
            wanted[5].then(d_start),
            cells.filter(|_| wanted[6]).map(d_start_cell),
            None,
            Some(reshaped(&d_memory, [rows, source, all.memory])),
            Some(d_keys),
            (additive && wanted[10]).then(|| weight_block(0, all.keys)),
            (additive && wanted[11]).then(|| bias_block(0, all.keys)),
            d_vector.as_ref().map(of_vector),
            Some(values(d_combine_weight)),
            wanted[14].then(|| bias_block(first, size)),
        ]
    }
}
