//! Gates that are normalised before their nonlinearities; see [`crate::cell::cpu`].

use burn::tensor::{Tensor, activation::sigmoid};
use network::cell::Cell;

use super::{State, lstm, rnn};
use crate::layer_norm::Norm;

/// Ba et al. (2016), section 3.1, gate by gate as in Chen et al. (2018).
pub(super) fn step(
    cell: Cell,
    projected: Tensor<2>,
    recurrent: Tensor<2>,
    state: State,
    hidden_bias: Option<&Tensor<1>>,
    norm: &Norm,
) -> State {
    let size = state.hidden.dims()[1];
    let normalised = |gate: usize, sum: Tensor<2>| {
        let part = |values: &Tensor<1>| values.clone().narrow(0, gate * size, size);
        let own = Norm {
            gain: part(&norm.gain),
            bias: part(&norm.bias),
        };
        own.forward(sum)
    };
    let gate = |values: &Tensor<2>, gate: usize| values.clone().narrow(1, gate * size, size);
    let whole = |sums: Tensor<2>| {
        let gates = (0..cell.gates()).map(|place| normalised(place, gate(&sums, place)));
        Tensor::cat(gates.collect(), 1)
    };
    match cell {
        Cell::Rnn(nonlinearity) => rnn::step(nonlinearity, whole(projected + recurrent)),
        Cell::Lstm => lstm::step(whole(projected + recurrent), state),
        Cell::Gru => {
            let open = |place| {
                let sum = gate(&projected, place) + gate(&recurrent, place);
                sigmoid(normalised(place, sum))
            };
            let (reset, update) = (open(0), open(1));
            let mut inner = gate(&recurrent, 2);
            if let Some(bias) = hidden_bias {
                inner = inner + bias.clone().unsqueeze();
            }
            let new = normalised(2, gate(&projected, 2) + reset * inner).tanh();
            State {
                hidden: new.clone() + update * (state.hidden - new),
                cell: None,
            }
        }
    }
}
