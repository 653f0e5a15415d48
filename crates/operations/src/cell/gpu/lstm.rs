//! Long short-term memory: i, f, o = sigmoid(x + h U), g = tanh(x + h U), c' = f c + i g,
//! h' = o tanh(c'). Kept: i, f, g, o.

use burn_cubecl::cubecl::{self, prelude::*};

use super::unit::{Slopes, State, sigmoid};

/// From the gates' sums.
#[cube]
pub(super) fn forward(i: f32, f: f32, g: f32, o: f32, previous: f32) -> State {
    let i = sigmoid(i);
    let f = sigmoid(f);
    let g = f32::tanh(g);
    let o = sigmoid(o);
    let cell = f * previous + i * g;
    State {
        hidden: o * f32::tanh(cell),
        cell,
        first: i,
        second: f,
        third: g,
        fourth: o,
    }
}

/// From what was kept, both memory cells and the gradients of the new state.
#[cube]
#[allow(clippy::too_many_arguments)] // A program's functions take numbers.
pub(super) fn backward(
    i: f32,
    f: f32,
    g: f32,
    o: f32,
    previous: f32,
    cell: f32,
    d_hidden: f32,
    d_later: f32,
) -> Slopes {
    let squashed = f32::tanh(cell);
    let d_cell = d_hidden * o * (1.0f32 - squashed * squashed) + d_later;
    Slopes {
        first: d_cell * g * i * (1.0f32 - i),
        second: d_cell * previous * f * (1.0f32 - f),
        third: d_cell * i * (1.0f32 - g * g),
        fourth: d_hidden * squashed * o * (1.0f32 - o),
        inner: 0.0f32.runtime(),
        hidden: 0.0f32.runtime(),
        cell: d_cell * f,
    }
}
