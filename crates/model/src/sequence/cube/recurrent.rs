//! A recurrent layer over a whole sequence: a matrix product and a program of our own at each step.

use burn::tensor::Tensor;
use burn_cubecl::tensor::CubeTensor;

use super::cell::{Backward, Forward, Kind, backward, forward};
use crate::cell::{RecurrentLayer, State};
use crate::gpu::memory::{Slots, copy, empty, product, reshaped, tensor, transposed, values};
use crate::gpu::node::{Operand, Operation, apply};
use crate::padded::Lengths;

#[derive(Debug, Clone)]
struct Recurrent {
    kind: Kind,
    time: usize,
    rows: usize,
    size: usize,
    /// `[time, rows]`, where anything is padded.
    mask: Option<CubeTensor>,
    reverse: bool,
}

/// What the backward pass needs. The state between time steps lies in `time + 1` slots.
struct Saved {
    hidden: Slots,
    cells: Option<Slots>,
    kept: Option<Slots>,
}

impl Recurrent {
    /// The time step of the walk's `turn`.
    fn at(&self, turn: usize) -> usize {
        if self.reverse {
            self.time - 1 - turn
        } else {
            turn
        }
    }

    /// The slots of the state before and after `time`.
    fn slots(&self, time: usize) -> (usize, usize) {
        if self.reverse {
            (time + 1, time)
        } else {
            (time, time + 1)
        }
    }

    /// The last state's parts in the result.
    fn parts(&self) -> usize {
        if self.kind.has_memory() { 2 } else { 1 }
    }
}

impl Operation<5> for Recurrent {
    type Saved = Saved;

    fn forward(&self, inputs: &[CubeTensor; 5], gradients: bool) -> (CubeTensor, Saved) {
        let &Recurrent {
            kind,
            time,
            rows,
            size,
            ..
        } = self;
        let [projected, weight, bias, start, start_cell] = inputs;
        let room = |width: usize, present: bool| {
            present.then(|| Slots::new(projected, time + 1, rows, width * size))
        };
        let hidden = Slots::new(projected, time + 1, rows, size);
        let cells = room(1, kind.has_memory());
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
                bias: (kind == Kind::Gru).then_some(bias),
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
        inputs: &[CubeTensor; 5],
        saved: &Saved,
        gradient: CubeTensor,
        wanted: [bool; 5],
    ) -> [Option<CubeTensor>; 5] {
        let &Recurrent {
            kind,
            time,
            rows,
            size,
            ..
        } = self;
        let [projected, weight, ..] = inputs;
        let turned = transposed(weight);
        let gates = kind.gates() * size;
        let own = kind.has_own_recurrent_gradient();
        let d_projected = Slots::new(projected, time, rows, gates);
        let d_recurrent = own.then(|| Slots::new(projected, time, rows, gates));
        let state = || empty(projected, [rows, size]);
        let carried = (own || self.mask.is_some()).then(state);
        let carried_cell = kind.has_memory().then(state);
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
            if turn > 0 || wanted[3] {
                later = product(of_product.as_ref().unwrap_or(&of_input), &turned);
            }
        }
        let slots = d_recurrent.as_ref().unwrap_or(&d_projected);
        let d_products = slots.together(0, time);
        let before = saved.hidden.together(usize::from(self.reverse), time);
        let d_start = || match &carried {
            Some(carried) => values(tensor::<2>(&later) + tensor::<2>(carried)),
            None => later.clone(),
        };
        let d_bias = || {
            let columns = tensor::<2>(&d_products).narrow(1, 2 * size, size);
            values(columns.sum_dim(0).reshape([size]))
        };
        [
            Some(reshaped(
                &d_projected.together(0, time),
                [time, rows, gates],
            )),
            wanted[1].then(|| product(&transposed(&before), &d_products)),
            (own && wanted[2]).then(d_bias),
            wanted[3].then(d_start),
            carried_cell,
        ]
    }
}

/// See [`crate::sequence::recurrent`].
pub(crate) fn recurrent(
    layer: &RecurrentLayer,
    projected: Tensor<3>,
    lengths: &Lengths,
    reverse: bool,
    start: State,
) -> (Tensor<3>, State) {
    let [time, rows, _] = projected.dims();
    let size = layer.hidden_size();
    let operation = Recurrent {
        kind: layer.cell.into(),
        time,
        rows,
        size,
        mask: lengths
            .mask()
            .map(|mask| Operand::new(mask.clone()).values()),
        reverse,
    };
    let parts = operation.parts();
    let weights = layer.recurrence();
    let projected = Operand::new(projected);
    let stand_in = projected.stand_in();
    let or_stand_in = |given: Option<Operand>| given.unwrap_or_else(|| stand_in.stand_in());
    let inputs = [
        projected,
        Operand::new(weights.weight),
        or_stand_in(weights.bias.map(Operand::new)),
        Operand::new(start.hidden),
        or_stand_in(start.cell.map(Operand::new)),
    ];
    let (packed, _) = apply::<_, 5, 1>(operation, inputs);
    let states = rows * size;
    let part =
        |start: usize, count: usize| packed.clone().narrow(0, start * states, count * states);
    let state = State {
        hidden: part(time, 1).reshape([rows, size]),
        cell: (parts == 2).then(|| part(time + 1, 1).reshape([rows, size])),
    };
    (part(0, time).reshape([time, rows, size]), state)
}
