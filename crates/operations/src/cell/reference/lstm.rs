//! Long short-term memory.

use burn::tensor::{Tensor, activation::sigmoid};

use super::State;

/// Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000):
/// c' = f c + i g, h' = o tanh(c'), of the gates' sums projected + h U.
pub(super) fn step(gates: Tensor<2>, state: State) -> State {
    let size = state.hidden.dims()[1];
    let gate = |gate: usize| gates.clone().narrow(1, gate * size, size);
    let written = sigmoid(gate(0)) * gate(2).tanh();
    let cell = match state.cell {
        Some(cell) => sigmoid(gate(1)) * cell + written,
        None => written,
    };
    State {
        hidden: sigmoid(gate(3)) * cell.clone().tanh(),
        cell: Some(cell),
    }
}
