//! The simple recurrent cell: h' = g(x + h U). Nothing kept: the slope follows from h'.

use burn_cubecl::cubecl::{self, prelude::*};

use super::unit::{Slopes, State};
use network::cell::{Cell, Nonlinearity};

/// From the sum.
#[cube]
pub(super) fn forward(sum: f32, #[comptime] kind: Cell) -> State {
    let hidden = if comptime!(kind == Cell::Rnn(Nonlinearity::Relu)) {
        max(sum, 0.0f32)
    } else {
        f32::tanh(sum)
    };
    State {
        hidden,
        cell: 0.0f32.runtime(),
        first: 0.0f32.runtime(),
        second: 0.0f32.runtime(),
        third: 0.0f32.runtime(),
        fourth: 0.0f32.runtime(),
    }
}

/// From the new state and its gradient.
#[cube]
pub(super) fn backward(hidden: f32, d_hidden: f32, #[comptime] kind: Cell) -> Slopes {
    let slope = if comptime!(kind == Cell::Rnn(Nonlinearity::Relu)) {
        select(hidden > 0.0f32, 1.0f32, 0.0f32)
    } else {
        1.0f32 - hidden * hidden
    };
    Slopes {
        first: d_hidden * slope,
        second: 0.0f32.runtime(),
        third: 0.0f32.runtime(),
        fourth: 0.0f32.runtime(),
        inner: 0.0f32.runtime(),
        hidden: 0.0f32.runtime(),
        cell: 0.0f32.runtime(),
    }
}
