//! Recurrent cells: what happens to one row of one time step, forward and backward.
//!
//! Each member's file holds its equations and the two passes over a row, `gates` the parameters of all members, `step`
//! the rows of a batch; the matrix products around them belong to the sequence operations.

mod gates;
mod gru;
mod lstm;
mod rnn;
mod step;

pub use gates::{Carried, CarriedRows, Gates, Gradients, Parameters};
pub use step::{StepBackward, StepForward};

use network::cell::{Cell, Nonlinearity};

/// What a cell keeps and gives back of a step.
pub trait Pointwise {
    /// How many numbers a unit a step keeps for the backward pass, besides its states.
    fn kept(self) -> usize;

    /// Whether the gradients at the projected input and at the hidden product differ, as the reset gate
    /// makes them.
    fn has_own_recurrent_gradient(self) -> bool;
}

impl Pointwise for Cell {
    fn kept(self) -> usize {
        match self {
            Cell::Rnn(_) => 0,
            Cell::Gru | Cell::Lstm => 4,
        }
    }

    fn has_own_recurrent_gradient(self) -> bool {
        self == Cell::Gru
    }
}

/// One row of one step forward. `H` is the hidden size, `G` the number of gates.
pub struct Forward<'a> {
    /// `[G*H]`: the projected input with its bias.
    pub projected: &'a [f32],
    /// `[G*H]`: the product of the previous state and the hidden weight.
    pub recurrent: &'a [f32],
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
pub struct Backward<'a> {
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
    /// From later steps, and to earlier ones.
    pub carried: CarriedRows<'a>,
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
