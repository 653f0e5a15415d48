//! In plain tensor operations.

use burn::tensor::Tensor;

use super::tensors::Direction;
use crate::cell::{self, Cell, Recurrence, State};
use crate::lengths::{Lengths, at};

/// See [`super::recurrent`].
pub(super) fn recurrent(
    cell: Cell,
    weights: &Recurrence,
    projected: Tensor<3>,
    lengths: &Lengths,
    direction: Direction,
    start: State,
) -> (Tensor<3>, State) {
    let time = lengths.time();
    let rows = projected.dims()[1];
    let mut state = start;
    let mut outputs = vec![None; time];
    for turn in 0..time {
        let step = match direction {
            Direction::Forward => turn,
            Direction::Backward => time - 1 - turn,
        };
        let next = cell::step(cell, at(&projected, step), state.clone(), weights);
        let (output, held) = match lengths.mask() {
            Some(mask) => {
                let mask = mask.clone().narrow(0, step, 1).reshape([rows, 1]);
                (next.hidden.clone() * mask.clone(), next.held(&state, &mask))
            }
            None => (next.hidden.clone(), next),
        };
        outputs[step] = Some(output);
        state = held;
    }
    let outputs: Vec<Tensor<2>> = outputs.into_iter().flatten().collect();
    (Tensor::stack(outputs, 0), state)
}
