//! The simple recurrent cell.

use burn::tensor::{Tensor, activation};

use super::{Recurrence, State};
use network::cell::Nonlinearity;

/// h' = g(projected + h U), Elman (1990).
pub(super) fn step(
    nonlinearity: Nonlinearity,
    projected: Tensor<2>,
    state: State,
    weights: &Recurrence,
) -> State {
    let sum = projected + state.hidden.matmul(weights.weight.clone());
    State {
        hidden: match nonlinearity {
            Nonlinearity::Tanh => sum.tanh(),
            Nonlinearity::Relu => activation::relu(sum),
        },
        cell: None,
    }
}
