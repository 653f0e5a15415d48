//! After the walk back: each weight's gradient as one product over all steps.

use burn::tensor::Tensor;
use burn_cubecl::tensor::CubeTensor;

use super::backward::{Turned, Walk};
use super::operation::{Decode, Inputs, Operands, Saved};
use crate::attention::gpu as attention;
use crate::cell::cpu::Parameters;
use crate::gpu::layout::{empty, product, reshaped, tensor, transposed, values};

impl Walk {
    /// The gradients of the inputs, in their order.
    pub(super) fn finish(
        self,
        all: &Decode,
        inputs: &Inputs<'_>,
        saved: &Saved,
        turned: &Turned,
        wanted: &Operands<bool>,
    ) -> Operands<Option<CubeTensor>> {
        let &Decode {
            cell,
            time,
            rows,
            source,
            size,
            ..
        } = all;
        let (gates, top) = (all.gates(), all.layers - 1);
        let biased = cell.has_hidden_bias();

        // What all steps share.
        let like = inputs.projected;
        let d_keys = empty(like, [rows, source, all.keys]);
        let d_values = empty(like, [rows, source, size]);
        let d_vector = all
            .energy
            .is_additive()
            .then(|| empty(like, [rows * source, all.keys]));
        attention::keys(&attention::Keys {
            energy: inputs.energy,
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
                if biased {
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
        let additive = all.energy.is_additive();
        let of_vector = |d: &CubeTensor| values(tensor::<2>(d).sum_dim(0).reshape([all.keys]));
        Operands {
            projected: Some(reshaped(&d_projected, [time, rows, gates])),
            feed_weight: wanted.feed_weight.then(d_feed_weight),
            hidden_weight: wanted.hidden_weight.then(|| own_hidden_weight(0)),
            upper: (top > 0 && wanted.upper).then(upper),
            initial_hidden: wanted.initial_hidden.then(d_start),
            initial_cell: cells.filter(|_| wanted.initial_cell).map(d_start_cell),
            // Masks have no gradient.
            dropout: None,
            memory: Some(reshaped(&d_memory, [rows, source, all.memory])),
            keys: Some(d_keys),
            query_weight: (additive && wanted.query_weight).then(|| weight_block(0, all.keys)),
            query_bias: (additive && wanted.query_bias).then(|| bias_block(0, all.keys)),
            vector: d_vector.as_ref().map(of_vector),
            combine_weight: Some(values(d_combine_weight)),
            combine_bias: wanted.combine_bias.then(|| bias_block(first, size)),
            parameters: Parameters::of_hidden_bias(
                (biased && wanted.parameters.hidden_bias).then(|| own_hidden_bias(0)),
            ),
        }
    }
}
