//! The gated recurrent unit.

use burn::tensor::{Tensor, activation::sigmoid};

use super::State;

/// Cho et al. (2014), as PyTorch writes it: the reset gate multiplies the new gate's hidden product,
/// n = tanh(x_n + r (h U_n + b_n)), h' = (1 - z) n + z h. `recurrent` is h U.
pub(super) fn step(
    projected: Tensor<2>,
    recurrent: Tensor<2>,
    state: State,
    hidden_bias: Option<&Tensor<1>>,
) -> State {
    let size = state.hidden.dims()[1];
    let gate = |values: &Tensor<2>, gate: usize| values.clone().narrow(1, gate * size, size);
    let reset = sigmoid(gate(&projected, 0) + gate(&recurrent, 0));
    let update = sigmoid(gate(&projected, 1) + gate(&recurrent, 1));
    let mut inner = gate(&recurrent, 2);
    if let Some(bias) = hidden_bias {
        inner = inner + bias.clone().unsqueeze();
    }
    let new = (gate(&projected, 2) + reset * inner).tanh();
    State {
        hidden: new.clone() + update * (state.hidden - new),
        cell: None,
    }
}
