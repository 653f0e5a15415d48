//! What happens between two matrix products of a recurrent layer, as one program each way.
//!
//! `rows` are the batch's sentences, `size` is the number of hidden units and `gates` the number of
//! blocks of `size` columns. A row's state is held where its mask is zero.

mod backward;
mod forward;
mod gru;
mod lstm;
mod rnn;
mod unit;

pub(super) use backward::{Backward, backward};
pub(super) use forward::{Forward, forward};

use crate::cell::{Cell, Nonlinearity};

/// A cell, as a program is compiled for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// Simple recurrent, with the hyperbolic tangent.
    Tanh,
    /// Simple recurrent, with max(0, x).
    Relu,
    /// Gated recurrent unit.
    Gru,
    /// Long short-term memory.
    Lstm,
}

impl From<Cell> for Kind {
    fn from(cell: Cell) -> Self {
        match cell {
            Cell::Rnn(Nonlinearity::Tanh) => Kind::Tanh,
            Cell::Rnn(Nonlinearity::Relu) => Kind::Relu,
            Cell::Gru => Kind::Gru,
            Cell::Lstm => Kind::Lstm,
        }
    }
}

impl Kind {
    /// How many blocks of columns the weights have.
    pub(super) fn gates(self) -> usize {
        match self {
            Kind::Tanh | Kind::Relu => 1,
            Kind::Gru => 3,
            Kind::Lstm => 4,
        }
    }

    /// How many numbers a unit keeps of a step for the backward pass, beside its states.
    pub(super) fn kept(self) -> usize {
        match self {
            Kind::Tanh | Kind::Relu => 0,
            Kind::Gru | Kind::Lstm => 4,
        }
    }

    /// Whether there is a memory cell beside the hidden vector.
    pub(super) fn has_memory(self) -> bool {
        self == Kind::Lstm
    }

    /// Whether the gradients at the input's share and at the hidden product differ, as the reset
    /// gate makes them.
    pub(super) fn has_own_recurrent_gradient(self) -> bool {
        self == Kind::Gru
    }
}
