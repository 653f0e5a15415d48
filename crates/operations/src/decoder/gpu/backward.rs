//! The walk back over target time.

use burn_cubecl::tensor::CubeTensor;

use super::operation::{Decode, Inputs, Operands, Saved};
use crate::attention::gpu as attention;
use crate::cell::cpu::Pointwise;
use crate::cell::gpu as cell;
use crate::gpu::layout::{Slots, empty, product, transposed};

/// A layer's gradients over the walk.
pub(super) struct Layer {
    /// At its gates, in `time` slots.
    pub projected: Slots,
    /// At its hidden product where that differs, in `time` slots; of the top layer among
    /// [`Walk::shares`].
    pub recurrent: Option<Slots>,
    /// `[rows, hidden]`: of the state, from the step after.
    pub later: CubeTensor,
    pub carried: Option<CubeTensor>,
    pub carried_cell: Option<CubeTensor>,
}

/// The gradients so far.
pub(super) struct Walk {
    pub layers: Vec<Layer>,
    /// At the top state's products, in `time + 1` slots: the first is of the first state's.
    pub shares: Slots,
    /// At the energies, in `time` slots.
    pub energies: Slots,
    /// `[rows, hidden]`: of a step's output, from the step after.
    pub feed: Option<CubeTensor>,
}

/// The weights, transposed.
pub(super) struct Turned {
    pub state: CubeTensor,
    pub feed: CubeTensor,
    pub layers: Vec<(Option<CubeTensor>, CubeTensor)>,
}

/// See [`crate::gpu::node::Operation::backward`].
pub(super) fn backward(
    all: &Decode,
    inputs: &Inputs<'_>,
    saved: &Saved,
    gradient: &CubeTensor,
    wanted: &Operands<bool>,
) -> Operands<Option<CubeTensor>> {
    let &Decode {
        cell,
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
                recurrent: (cell.has_own_recurrent_gradient() && layer + 1 < all.layers)
                    .then(|| Slots::new(like, time, rows, all.gates())),
                // Read by nobody before it is made: any buffer of that size will do.
                later: saved.layers[layer].hidden.at(0),
                carried: cell
                    .has_own_recurrent_gradient()
                    .then(|| empty(like, [rows, size])),
                carried_cell: cell.has_cell_state().then(|| empty(like, [rows, size])),
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
        let query = (!all.energy.is_additive()).then(|| empty(gradient, [all.rows, all.keys]));
        let shares = self.shares.at(step + 1);
        attention::backward(&attention::Backward {
            energy: inputs.energy,
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
            kind: all.cell,
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
}
