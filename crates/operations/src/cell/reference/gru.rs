//! The gated recurrent unit.

use burn::tensor::{Tensor, activation::sigmoid};

use super::{Recurrence, State};

/// Cho et al. (2014), as PyTorch writes it: the reset gate multiplies the new gate's hidden product,
/// n = tanh(x_n + r (h U_n + b_n)), h' = (1 - z) n + z h.
pub(super) fn step(projected: Tensor<2>, state: State, weights: &Recurrence) -> State {
    let size = state.hidden.dims()[1];
    let recurrent = state.hidden.clone().matmul(weights.weight.clone());
    let gate = |values: &Tensor<2>, gate: usize| values.clone().narrow(1, gate * size, size);
    let reset = sigmoid(gate(&projected, 0) + gate(&recurrent, 0));
    let update = sigmoid(gate(&projected, 1) + gate(&recurrent, 1));
    let mut inner = gate(&recurrent, 2);
    if let Some(bias) = &weights.bias {
        inner = inner + bias.clone().unsqueeze();
    }
    let new = (gate(&projected, 2) + reset * inner).tanh();
    State {
        hidden: new.clone() + update * (state.hidden - new),
        cell: None,
    }
}
