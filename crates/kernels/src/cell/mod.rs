//! Recurrent cells: what happens to one row of one time step, forward and backward.
//!
//! Each member's file holds its equations and the two passes over a row; the matrix products around them
//! belong to the sequence operations.

mod gru;
mod lstm;
mod rnn;

use crate::instruction_sets::Capped;

/// The squashing function of a simple recurrent cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonlinearity {
    /// Hyperbolic tangent (Elman, 1990).
    Tanh,
    /// `max(x, 0)` (Le, Jaitly and Hinton, 2015).
    Relu,
}

/// A recurrent cell. `x` is the projected input (with its bias), `h` and `c` the previous state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// `h' = act(x + h W)`.
    Rnn(Nonlinearity),
    /// Gated recurrent unit with PyTorch's reset gate, gate order r, z, n:
    /// `n = tanh(x_n + r * (h W_n + b_n))`, `h' = (1 - z) n + z h` (Cho et al., 2014).
    Gru,
    /// Long short-term memory, gate order i, f, g, o:
    /// `c' = f c + i g`, `h' = o tanh(c')` (Hochreiter and Schmidhuber, 1997; Gers et al., 2000).
    Lstm,
}

impl Cell {
    /// How many gates are projected: the width of a projected input is `gates * hidden`.
    pub fn gates(self) -> usize {
        match self {
            Cell::Rnn(_) => 1,
            Cell::Gru => 3,
            Cell::Lstm => 4,
        }
    }

    /// How many numbers a unit a step keeps for the backward pass, besides its states.
    pub(crate) fn kept(self) -> usize {
        match self {
            Cell::Rnn(_) => 0,
            Cell::Gru | Cell::Lstm => 4,
        }
    }

    /// Whether there is a cell state beside the hidden state.
    pub(crate) fn has_cell_state(self) -> bool {
        self == Cell::Lstm
    }

    /// Whether the gradients at the projected input and at the hidden product differ, as the reset gate
    /// makes them.
    pub(crate) fn has_own_recurrent_gradient(self) -> bool {
        self == Cell::Gru
    }

    /// Computes one row's new state.
    pub(crate) fn forward(self, row: Forward) {
        match self {
            Cell::Rnn(nonlinearity) => rnn::RowForward { nonlinearity, row }.run(),
            Cell::Gru => gru::RowForward(row).run(),
            Cell::Lstm => lstm::RowForward(row).run(),
        }
    }

    /// Computes one row's gradients before the products with the transposed weights.
    pub(crate) fn backward(self, row: Backward) {
        match self {
            Cell::Rnn(nonlinearity) => rnn::RowBackward { nonlinearity, row }.run(),
            Cell::Gru => gru::RowBackward(row).run(),
            Cell::Lstm => lstm::RowBackward(row).run(),
        }
    }
}

/// One row of one step forward. `H` is the hidden size, `G` the number of gates.
pub(crate) struct Forward<'a> {
    /// `[G*H]`: the projected input with its bias.
    pub projected: &'a [f32],
    /// `[G*H]`: the product of the previous state and the hidden weight.
    pub recurrent: &'a [f32],
    /// `[H]`: the bias inside the GRU's reset product; empty otherwise.
    pub hidden_bias: &'a [f32],
    /// `[H]`
    pub previous_hidden: &'a [f32],
    /// `[H]`, LSTM only.
    pub previous_cell: &'a [f32],
    /// `[kept*H]`, written.
    pub kept: &'a mut [f32],
    /// `[H]`, written, LSTM only.
    pub cell: &'a mut [f32],
    /// `[H]`, written.
    pub hidden: &'a mut [f32],
}

/// One row of one step backward.
pub(crate) struct Backward<'a> {
    /// `[kept*H]`: what the forward pass kept.
    pub kept: &'a [f32],
    /// `[H]`
    pub previous_hidden: &'a [f32],
    /// `[H]`: the new state.
    pub hidden: &'a [f32],
    /// `[H]`, LSTM only.
    pub previous_cell: &'a [f32],
    /// `[H]`: the new cell state, LSTM only.
    pub cell: &'a [f32],
    /// `[H]`: what this step's output receives, besides `carried`.
    pub grad_output: &'a [f32],
    /// `[H]`: in: the gradient of the new state from later steps; out: of the previous state by ways that
    /// do not pass through the hidden weight.
    pub carried: &'a mut [f32],
    /// `[H]`: in: the gradient of the new cell state; out: of the previous one. LSTM only.
    pub carried_cell: &'a mut [f32],
    /// `[G*H]`, written: gradient of the projected input.
    pub grad_projected: &'a mut [f32],
    /// `[G*H]`, written: gradient of the hidden product where it differs (GRU); empty otherwise.
    pub grad_recurrent: &'a mut [f32],
}

/// The three equal parts of a slice.
#[inline(always)]
fn thirds(x: &[f32], width: usize) -> [&[f32]; 3] {
    [&x[..width], &x[width..2 * width], &x[2 * width..3 * width]]
}

/// The four equal parts of a slice.
#[inline(always)]
fn quarters(x: &[f32], width: usize) -> [&[f32]; 4] {
    [
        &x[..width],
        &x[width..2 * width],
        &x[2 * width..3 * width],
        &x[3 * width..4 * width],
    ]
}

/// The four equal parts of a mutable slice.
#[inline(always)]
fn quarters_mut(x: &mut [f32], width: usize) -> [&mut [f32]; 4] {
    let (a, x) = x.split_at_mut(width);
    let (b, x) = x.split_at_mut(width);
    let (c, d) = x.split_at_mut(width);
    [a, b, c, d]
}

/// The three equal parts of a mutable slice.
#[inline(always)]
fn thirds_mut(x: &mut [f32], width: usize) -> [&mut [f32]; 3] {
    let (a, x) = x.split_at_mut(width);
    let (b, c) = x.split_at_mut(width);
    [a, b, c]
}
