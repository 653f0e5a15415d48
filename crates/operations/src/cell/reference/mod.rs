//! In plain tensor operations.

mod gru;
mod lstm;
mod normalised;
mod rnn;

use burn::tensor::Tensor;
use network::cell::Cell;

use super::cpu::Parameters;
use crate::layer_norm::Norm;

/// One step of `cell`.
///
/// `projected` is the input's share of the gates, bias included, `[rows, gates * hidden]`.
pub fn step(cell: Cell, projected: Tensor<2>, state: State, weights: &Recurrence) -> State {
    let recurrent = state.hidden.clone().matmul(weights.weight.clone());
    if let Some(norm) = &weights.gate_norm {
        let inner = weights.hidden_bias.as_ref();
        return normalised::step(cell, projected, recurrent, state, inner, norm);
    }
    match cell {
        Cell::Rnn(nonlinearity) => rnn::step(nonlinearity, projected + recurrent),
        Cell::Gru => gru::step(projected, recurrent, state, weights.hidden_bias.as_ref()),
        Cell::Lstm => lstm::step(projected + recurrent, state),
    }
}

/// The state between two steps.
#[derive(Debug, Clone)]
pub struct State {
    /// `[rows, hidden]`.
    pub hidden: Tensor<2>,
    /// `[rows, hidden]`, for cells with a memory.
    pub cell: Option<Tensor<2>>,
}

impl State {
    /// Applies `f` to each part.
    pub fn map(self, mut f: impl FnMut(Tensor<2>) -> Tensor<2>) -> Self {
        Self {
            hidden: f(self.hidden),
            cell: self.cell.map(f),
        }
    }

    /// The state where `mask`, `[rows, 1]`, is 1, and `before` where it is 0.
    pub fn held(self, before: &Self, mask: &Tensor<2>) -> Self {
        let hold =
            |new: Tensor<2>, old: &Tensor<2>| old.clone() + (new - old.clone()) * mask.clone();
        Self {
            hidden: hold(self.hidden, &before.hidden),
            cell: match (self.cell, &before.cell) {
                (Some(new), Some(old)) => Some(hold(new, old)),
                (new, _) => new,
            },
        }
    }
}

/// The parameters by which a cell reads the state before it.
#[derive(Debug, Clone)]
pub struct Recurrence {
    /// `[hidden, gates * hidden]`.
    pub weight: Tensor<2>,
    /// `[hidden]`: the GRU's bias inside the product with the reset gate.
    pub hidden_bias: Option<Tensor<1>>,
    /// Of the gates' sums, gate by gate, `[gates * hidden]`.
    pub gate_norm: Option<Norm>,
}

impl Recurrence {
    /// All but the weight.
    pub fn parameters(&self) -> Parameters<Option<Tensor<1>>> {
        let norm = self.gate_norm.clone();
        let (gain, norm_bias) = norm.map(|norm| (norm.gain, norm.bias)).unzip();
        Parameters {
            hidden_bias: self.hidden_bias.clone(),
            gain,
            norm_bias,
        }
    }

    /// Whether GPUs have programs for it.
    pub fn fits_gpu(&self) -> bool {
        // Whoever adds a parameter decides here.
        let Recurrence {
            weight: _,
            hidden_bias: _,
            gate_norm,
        } = self;
        gate_norm.is_none()
    }
}
