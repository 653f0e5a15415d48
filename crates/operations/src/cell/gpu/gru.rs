//! Gated recurrent unit: r, z = sigmoid(x + h U), m = h U_n + b_n, n = tanh(x_n + r m),
//! h' = n + z (h - n). Kept: r, z, n, m.

use burn_cubecl::cubecl::{self, prelude::*};

use super::unit::{Slopes, State, sigmoid};

/// From the sums of the first two gates, the third's share of the input and its hidden product.
#[cube]
pub(super) fn forward(r: f32, z: f32, input: f32, inner: f32, previous: f32) -> State {
    let r = sigmoid(r);
    let z = sigmoid(z);
    let n = f32::tanh(input + r * inner);
    State {
        hidden: n + z * (previous - n),
        cell: 0.0f32.runtime(),
        first: r,
        second: z,
        third: n,
        fourth: inner,
    }
}

/// From what was kept, the previous state and the gradient of the new one.
#[cube]
pub(super) fn backward(r: f32, z: f32, n: f32, m: f32, previous: f32, d_hidden: f32) -> Slopes {
    let d_new = d_hidden * (1.0f32 - z) * (1.0f32 - n * n);
    Slopes {
        first: d_new * m * r * (1.0f32 - r),
        second: d_hidden * (previous - n) * z * (1.0f32 - z),
        third: d_new,
        fourth: 0.0f32.runtime(),
        inner: d_new * r,
        hidden: d_hidden * z,
        cell: 0.0f32.runtime(),
    }
}
