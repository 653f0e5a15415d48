//! Recurrent cells: one step of a hidden state.

mod gru;
mod lstm;
mod rnn;

use burn::module::{Module, Param};
use burn::tensor::Tensor;
pub use network::cell::{Cell, CellKind, Nonlinearity};

use crate::initial::Initialiser;
use crate::sequence::{self, Activation};

/// One step of `cell`.
///
/// `projected` is the input's share of the gates, bias included, `[rows, gates * hidden]`.
pub fn step(cell: Cell, projected: Tensor<2>, state: State, weights: &Recurrence) -> State {
    match cell {
        Cell::Rnn(nonlinearity) => rnn::step(nonlinearity, projected, state, weights),
        Cell::Gru => gru::step(projected, state, weights),
        Cell::Lstm => lstm::step(projected, state, weights),
    }
}

fn initial_bias(cell: Cell, hidden: usize) -> Vec<f32> {
    let mut bias = vec![0.0; cell.gates() * hidden];
    if cell == Cell::Lstm {
        // Jozefowicz et al. (2015): an open forget gate lets gradients through at the start.
        bias[hidden..2 * hidden].fill(1.0);
    }
    bias
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

/// The weights that multiply the hidden state.
#[derive(Debug, Clone)]
pub struct Recurrence {
    /// `[hidden, gates * hidden]`.
    pub weight: Tensor<2>,
    /// `[hidden]`: the GRU's bias inside the product with the reset gate.
    pub bias: Option<Tensor<1>>,
}

/// A recurrent layer's parameters. Gates lie side by side in PyTorch's order.
#[derive(Module, Debug)]
pub struct RecurrentLayer {
    /// `[input, gates * hidden]`.
    pub input_weight: Param<Tensor<2>>,
    /// `[hidden, gates * hidden]`.
    pub hidden_weight: Param<Tensor<2>>,
    /// `[gates * hidden]`.
    pub bias: Param<Tensor<1>>,
    /// `[hidden]`: the GRU's bias inside the product with the reset gate.
    pub hidden_bias: Option<Param<Tensor<1>>>,
    /// The formula.
    #[module(skip)]
    pub cell: Cell,
}

impl RecurrentLayer {
    /// A layer from `input` to `hidden` units.
    pub fn new(initial: &Initialiser, cell: Cell, input: usize, hidden: usize) -> Self {
        let (gates, columns) = (cell.gates(), cell.gates() * hidden);
        Self {
            input_weight: initial.weight("input_weight", input, columns, gates),
            hidden_weight: initial.weight("hidden_weight", hidden, columns, gates),
            bias: initial.vector(initial_bias(cell, hidden)),
            hidden_bias: cell
                .has_hidden_bias()
                .then(|| initial.vector(vec![0.0; hidden])),
            cell,
        }
    }

    /// The number of hidden units.
    pub fn hidden_size(&self) -> usize {
        self.hidden_weight.dims()[0]
    }

    /// The input's share of the gates: `[rows, input]` to `[rows, gates * hidden]`.
    pub fn project(&self, input: Tensor<2>) -> Tensor<2> {
        let (weight, bias) = (self.input_weight.val(), self.bias.val());
        sequence::affine(input, weight, Some(bias), Activation::Identity)
    }

    /// The weights of the recurrence.
    pub fn recurrence(&self) -> Recurrence {
        Recurrence {
            weight: self.hidden_weight.val(),
            bias: self.hidden_bias.as_ref().map(|bias| bias.val()),
        }
    }

    /// A state of zeros for `rows` rows.
    pub fn zero_state(&self, rows: usize) -> State {
        let zeros = || Tensor::zeros([rows, self.hidden_size()], &self.bias.device());
        State {
            hidden: zeros(),
            cell: self.cell.has_cell_state().then(zeros),
        }
    }
}
