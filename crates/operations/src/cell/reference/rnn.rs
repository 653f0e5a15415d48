//! The simple recurrent cell.

use burn::tensor::{Tensor, activation};

use super::State;
use network::cell::Nonlinearity;

/// h' = g(sum), Elman (1990), with sum = projected + h U.
pub(super) fn step(nonlinearity: Nonlinearity, sum: Tensor<2>) -> State {
    State {
        hidden: match nonlinearity {
            Nonlinearity::Tanh => sum.tanh(),
            Nonlinearity::Relu => activation::relu(sum),
        },
        cell: None,
    }
}
