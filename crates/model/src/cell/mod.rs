//! Recurrent cells: one step of a hidden state.

mod gru;
mod lstm;
mod rnn;

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::initial::Initialiser;
use crate::sequence::{self, Activation};

/// The family of cells, as a config names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellKind {
    /// The simple recurrent network of Elman (1990).
    Rnn,
    /// The gated recurrent unit (Cho et al. 2014).
    Gru,
    /// Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates).
    Lstm,
}

impl std::fmt::Display for CellKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            CellKind::Rnn => "rnn",
            CellKind::Gru => "gru",
            CellKind::Lstm => "lstm",
        })
    }
}

/// What a simple recurrent cell does to its sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nonlinearity {
    /// Hyperbolic tangent.
    #[default]
    Tanh,
    /// max(0, x).
    Relu,
}

/// A cell with all that its formula needs beside weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// h' = g(x W + h U + b).
    Rnn(Nonlinearity),
    /// Gates r, z, n.
    Gru,
    /// Gates i, f, g, o.
    Lstm,
}

impl Cell {
    /// The cell of a kind.
    pub fn new(kind: CellKind, nonlinearity: Option<Nonlinearity>) -> Self {
        match kind {
            CellKind::Rnn => Cell::Rnn(nonlinearity.unwrap_or_default()),
            CellKind::Gru => Cell::Gru,
            CellKind::Lstm => Cell::Lstm,
        }
    }

    /// How many blocks of `hidden` columns the cell's weights have.
    pub fn gates(self) -> usize {
        match self {
            Cell::Rnn(_) => 1,
            Cell::Gru => 3,
            Cell::Lstm => 4,
        }
    }

    /// Whether the state has a memory cell beside the hidden vector.
    pub fn has_memory(self) -> bool {
        self == Cell::Lstm
    }

    /// One step.
    ///
    /// `projected` is the input's share of the gates, bias included, `[rows, gates * hidden]`.
    pub fn step(self, projected: Tensor<2>, state: State, weights: &Recurrence) -> State {
        match self {
            Cell::Rnn(nonlinearity) => rnn::step(nonlinearity, projected, state, weights),
            Cell::Gru => gru::step(projected, state, weights),
            Cell::Lstm => lstm::step(projected, state, weights),
        }
    }

    fn initial_bias(self, hidden: usize) -> Vec<f32> {
        let mut bias = vec![0.0; self.gates() * hidden];
        if self == Cell::Lstm {
            // Jozefowicz et al. (2015): an open forget gate lets gradients through at the start.
            bias[hidden..2 * hidden].fill(1.0);
        }
        bias
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
            bias: initial.vector(cell.initial_bias(hidden)),
            hidden_bias: (cell == Cell::Gru).then(|| initial.vector(vec![0.0; hidden])),
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
            cell: self.cell.has_memory().then(zeros),
        }
    }
}
