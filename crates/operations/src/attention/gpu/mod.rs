//! Attention of one query a row and what follows it, as one program each way.
//!
//! f = tanh(s W_s + c W_c + b), the output of a decoder with input feeding, needs the context
//! c = sum a_i m_i only as c W_c = sum a_i (m_i W_c). So the memory is multiplied by W_c once a
//! sentence, and one program goes from the query to f.
//!
//! A row of threads (a "cube") works on one query.

mod backward;
mod forward;
mod keys;

pub(crate) use backward::{Backward, backward};
pub(crate) use forward::{Forward, forward};
pub(crate) use keys::{Keys, keys};

use burn_cubecl::cubecl::{self, prelude::*};

/// Threads that work on a query.
const THREADS: usize = 256;

/// Threads that share one inner product.
const LANES: usize = 32;

/// Room for a number a source position: a size that few programs share.
fn room(source: usize) -> usize {
    source.next_power_of_two().max(64)
}

/// The sum of the numbers that [`LANES`] neighbours left in `parts`, for the first of them.
#[cube]
fn sum_of_lanes(parts: &Shared<[f32]>) -> f32 {
    let mut sum = 0.0f32.runtime();
    for lane in 0..LANES {
        sum += parts[UNIT_POS as usize + lane];
    }
    sum
}
