//! A recurrent layer over a whole sequence: a matrix product and a program of our own at each step.

use burn::tensor::Tensor;
use burn_cubecl::tensor::CubeTensor;

use super::tensors::{Direction, OPERANDS, Operands};
use crate::cell::cpu::{Parameters, Pointwise};
use crate::cell::gpu::{Backward, Forward, backward, forward};
use crate::cell::{Cell, Recurrence, State};
use crate::gpu::layout::{Slots, copy, empty, product, reshaped, tensor, transposed, values};
use crate::gpu::node::{Operand, Operation, apply};
use crate::lengths::Lengths;
use crate::operands::Listed;

#[derive(Debug, Clone)]
struct Recurrent {
    kind: Cell,
    time: usize,
    rows: usize,
    size: usize,
    /// `[time, rows]`, where anything is padded.
    mask: Option<CubeTensor>,
    direction: Direction,
}

/// Values kept for the backward pass. The state between time steps lies in `time + 1` slots.
struct Saved {
    hidden: Slots,
    cells: Option<Slots>,
    kept: Option<Slots>,
}

impl Recurrent {
    /// The time step of the walk's `turn`.
    fn at(&self, turn: usize) -> usize {
        if self.direction == Direction::Backward {
            self.time - 1 - turn
        } else {
            turn
        }
    }

    /// The slots of the state before and after `time`.
    fn slots(&self, time: usize) -> (usize, usize) {
        if self.direction == Direction::Backward {
            (time + 1, time)
        } else {
            (time, time + 1)
        }
    }

    /// The last state's parts in the result.
    fn parts(&self) -> usize {
        if self.kind.has_cell_state() { 2 } else { 1 }
    }
}

impl Operation<OPERANDS> for Recurrent {
    type Saved = Saved;

    fn forward(&self, inputs: &[CubeTensor; OPERANDS], gradients: bool) -> (CubeTensor, Saved) {
        let &Recurrent {
            kind,
            time,
            rows,
            size,
            ..
        } = self;
        let Operands {
            projected,
            hidden_weight: weight,
            parameters,
            initial_hidden: start,
            initial_cell: start_cell,
        } = Operands::from_array(inputs.each_ref());
        let room = |width: usize, present: bool| {
            present.then(|| Slots::new(projected, time + 1, rows, width * size))
        };
        let hidden = Slots::new(projected, time + 1, rows, size);
        let cells = room(1, kind.has_cell_state());
        let kept = room(kind.kept(), gradients && kind.kept() > 0);
        let output = empty(projected, [(time + self.parts()) * rows * size]);
        let mut state = start.clone();
        let mut cell = cells.as_ref().map(|_| start_cell.clone());
        for turn in 0..time {
            let step = self.at(turn);
            let (before, after) = self.slots(step);
            if turn == 0 && gradients {
                copy(&state, &hidden.at(before));
                if let (Some(cell), Some(cells)) = (&cell, &cells) {
                    copy(cell, &cells.at(before));
                }
            }
            let recurrent = product(&state, weight);
            let new = hidden.at(after);
            let new_cell = cells.as_ref().map(|cells| cells.at(after));
            forward(&Forward {
                kind,
                rows,
                size,
                projected: (projected, step),
                beside: None,
                recurrent: &recurrent,
                bias: (kind == Cell::Gru).then_some(parameters.hidden_bias),
                mask: self.mask.as_ref(),
                previous_hidden: &state,
                previous_cell: cell.as_ref(),
                hidden: &new,
                cell: new_cell.as_ref(),
                kept: kept.as_ref().map(|kept| kept.at(step)).as_ref(),
                output: Some(&output),
                drop: None,
                dropped: None,
                time: (step, time),
                last: turn + 1 == time,
            });
            (state, cell) = (new, new_cell);
        }
        (
            output,
            Saved {
                hidden,
                cells,
                kept,
            },
        )
    }

    fn backward(
        &self,
        inputs: &[CubeTensor; OPERANDS],
        saved: &Saved,
        gradient: CubeTensor,
        wanted: [bool; OPERANDS],
    ) -> [Option<CubeTensor>; OPERANDS] {
        let &Recurrent {
            kind,
            time,
            rows,
            size,
            ..
        } = self;
        let Operands {
            projected,
            hidden_weight: weight,
            ..
        } = Operands::from_array(inputs.each_ref());
        let wanted = Operands::from_array(wanted);
        let turned = transposed(weight);
        let gates = kind.gates() * size;
        let own = kind.has_own_recurrent_gradient();
        let d_projected = Slots::new(projected, time, rows, gates);
        let d_recurrent = own.then(|| Slots::new(projected, time, rows, gates));
        let state = || empty(projected, [rows, size]);
        let carried = (own || self.mask.is_some()).then(state);
        let carried_cell = kind.has_cell_state().then(state);
        // Nothing comes back by way of the weight at first: any buffer of that size will do.
        let mut later = saved.hidden.at(0);
        for turn in (0..time).rev() {
            let step = self.at(turn);
            let (before, after) = self.slots(step);
            let cells = saved.cells.as_ref();
            let cells = cells.map(|cells| (cells.at(before), cells.at(after)));
            let of_product = d_recurrent.as_ref().map(|slots| slots.at(step));
            let of_input = d_projected.at(step);
            backward(&Backward {
                kind,
                rows,
                size,
                kept: saved.kept.as_ref().map(|kept| kept.at(step)).as_ref(),
                previous_hidden: &saved.hidden.at(before),
                hidden: &saved.hidden.at(after),
                cells: cells.as_ref().map(|(before, after)| (before, after)),
                upstream: Some((&gradient, step)),
                ends: Some(time),
                drop: None,
                product: Some(&later),
                query: None,
                mask: self.mask.as_ref().map(|mask| (mask, step)),
                carried: carried.as_ref(),
                carried_cell: carried_cell.as_ref(),
                projected: &of_input,
                recurrent: of_product.as_ref(),
                first: turn + 1 == time,
            });
            if turn > 0 || wanted.initial_hidden {
                later = product(of_product.as_ref().unwrap_or(&of_input), &turned);
            }
        }
        let slots = d_recurrent.as_ref().unwrap_or(&d_projected);
        let d_products = slots.together(0, time);
        let before = saved
            .hidden
            .together(usize::from(self.direction == Direction::Backward), time);
        let d_start = || match &carried {
            Some(carried) => values(tensor::<2>(&later) + tensor::<2>(carried)),
            None => later.clone(),
        };
        let d_bias = || {
            let columns = tensor::<2>(&d_products).narrow(1, 2 * size, size);
            values(columns.sum_dim(0).reshape([size]))
        };
        let gradients = Operands {
            projected: Some(reshaped(
                &d_projected.together(0, time),
                [time, rows, gates],
            )),
            hidden_weight: wanted
                .hidden_weight
                .then(|| product(&transposed(&before), &d_products)),
            parameters: Parameters::of_hidden_bias(
                (own && wanted.parameters.hidden_bias).then(d_bias),
            ),
            initial_hidden: wanted.initial_hidden.then(d_start),
            initial_cell: carried_cell,
        };
        gradients.into_array()
    }
}

/// See [`super::recurrent`].
pub(super) fn recurrent(
    cell: Cell,
    weights: &Recurrence,
    projected: Tensor<3>,
    lengths: &Lengths,
    direction: Direction,
    start: State,
) -> (Tensor<3>, State) {
    let [time, rows, _] = projected.dims();
    let size = weights.weight.dims()[0];
    let operation = Recurrent {
        kind: cell,
        time,
        rows,
        size,
        mask: lengths
            .mask()
            .map(|mask| Operand::new(mask.clone()).values()),
        direction,
    };
    let parts = operation.parts();
    let projected = Operand::new(projected);
    let stand_in = projected.stand_in();
    let or_stand_in = |given: Option<Operand>| given.unwrap_or_else(|| stand_in.stand_in());
    let operands = Operands {
        projected,
        hidden_weight: Operand::new(weights.weight.clone()),
        parameters: weights
            .parameters()
            .map(|given| or_stand_in(given.map(Operand::new))),
        initial_hidden: Operand::new(start.hidden),
        initial_cell: or_stand_in(start.cell.map(Operand::new)),
    };
    let (packed, _) = apply::<_, OPERANDS, 1>(operation, operands.into_array());
    let states = rows * size;
    let part =
        |start: usize, count: usize| packed.clone().narrow(0, start * states, count * states);
    let state = State {
        hidden: part(time, 1).reshape([rows, size]),
        cell: (parts == 2).then(|| part(time + 1, 1).reshape([rows, size])),
    };
    (part(0, time).reshape([time, rows, size]), state)
}
