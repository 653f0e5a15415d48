//! One direction of one recurrent layer over a whole padded batch.
//!
//! At a padded position a row's state is held, its output is zero and its gradient passes through
//! unchanged. With `reverse` the walk starts at the last time step, so each row holds its initial state
//! until its own last token. `T` is time, `B` batch, `H` hidden size, `G` the number of gates.
//!
//! A batch sorted by decreasing length is cheapest: trailing rows that have ended leave the products.

mod backward;
mod forward;

pub use backward::{Gradients, backward};
pub use forward::{Forward, Saved, forward};

use crate::cell::cpu::{Gates, Parameters};
use network::cell::Cell;

/// Sizes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// `T`, time steps.
    pub time: usize,
    /// `B`, rows of the batch.
    pub batch: usize,
    /// `H`, hidden units.
    pub hidden: usize,
}

/// Inputs of the layer.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// `[T, B, G*H]`: the inputs times the input weight, plus the bias. The backward pass does not read it.
    pub projected: &'a [f32],
    /// `[H, G*H]`: multiplies the previous state.
    pub hidden_weight: &'a [f32],
    /// Of the cell's gates.
    pub parameters: Parameters<&'a [f32]>,
    /// `[B, H]`
    pub initial_hidden: &'a [f32],
    /// `[B, H]`, LSTM only; empty for other cells.
    pub initial_cell: &'a [f32],
    /// `[B]`: real time steps of each row, at most `T`.
    pub lengths: &'a [usize],
    /// Whether to walk from the last time step to the first.
    pub reverse: bool,
}

impl<'a> Inputs<'a> {
    fn gates(&self, cell: Cell) -> Gates<'a> {
        Gates {
            cell,
            parameters: self.parameters,
        }
    }

    fn check(&self, cell: Cell, shape: Shape) {
        let Shape {
            time,
            batch,
            hidden,
        } = shape;
        let gates = cell.gates() * hidden;
        let state = |present: bool| if present { batch * hidden } else { 0 };
        assert_eq!(
            self.hidden_weight.len(),
            hidden * gates,
            "hidden_weight is [H, G*H]"
        );
        self.gates(cell).check(hidden);
        assert_eq!(
            self.initial_hidden.len(),
            state(true),
            "initial_hidden is [B, H]"
        );
        assert_eq!(
            self.initial_cell.len(),
            state(cell.has_cell_state()),
            "initial_cell is [B, H] for the LSTM, else empty"
        );
        assert_eq!(self.lengths.len(), batch, "there is one length a row");
        assert!(
            self.lengths.iter().all(|&n| n <= time),
            "no length exceeds the time steps"
        );
    }

    /// The slots of the state before and after `time` in a list of `T + 1` states.
    fn slots(&self, time: usize) -> (usize, usize) {
        if self.reverse {
            (time + 1, time)
        } else {
            (time, time + 1)
        }
    }

    /// The time step of the walk's `step`.
    fn time(&self, step: usize, shape: Shape) -> usize {
        if self.reverse {
            shape.time - 1 - step
        } else {
            step
        }
    }
}

/// How many leading rows reach to the last one that is real at `time`.
fn active(lengths: &[usize], time: usize) -> usize {
    lengths
        .iter()
        .rposition(|&length| length > time)
        .map_or(0, |last| last + 1)
}
