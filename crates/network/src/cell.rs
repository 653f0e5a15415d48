//! Recurrent cells: which there are.

use std::fmt;

use serde::{Deserialize, Serialize};

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

impl fmt::Display for CellKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CellKind::Rnn => "rnn",
            CellKind::Gru => "gru",
            CellKind::Lstm => "lstm",
        })
    }
}

/// The activation function of a simple recurrent cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nonlinearity {
    /// Hyperbolic tangent (Elman 1990).
    #[default]
    Tanh,
    /// `max(0, x)` (Le, Jaitly and Hinton 2015).
    Relu,
}

/// A recurrent cell. `x` is the projected input with its bias, `h` and `c` the previous state, `U` the weights of the
/// recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cell {
    /// `h' = g(x + h U)`.
    Rnn(Nonlinearity),
    /// Gated recurrent unit with PyTorch's reset gate, gate order r, z, n:
    /// `n = tanh(x_n + r * (h U_n + b_n))`, `h' = (1 - z) n + z h` (Cho et al. 2014).
    Gru,
    /// Long short-term memory, gate order i, f, g, o:
    /// `c' = f c + i g`, `h' = o tanh(c')` (Hochreiter and Schmidhuber 1997; Gers et al. 2000).
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

    /// Blocks of `hidden` columns in the cell's weights.
    pub fn gates(self) -> usize {
        match self {
            Cell::Rnn(_) => 1,
            Cell::Gru => 3,
            Cell::Lstm => 4,
        }
    }

    /// Whether there is a cell state beside the hidden state.
    pub fn has_cell_state(self) -> bool {
        self == Cell::Lstm
    }

    /// Whether a bias stands inside the product with the reset gate, beside the gates' own.
    pub fn has_hidden_bias(self) -> bool {
        self == Cell::Gru
    }
}
