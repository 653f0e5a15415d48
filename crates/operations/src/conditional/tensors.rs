//! On tensors.

use burn::tensor::Tensor;

use super::{host, reference};
use crate::attention::Memory;
use crate::decoder::{Decoder, Forced, State, Step};
use crate::path::{Path, path};

/// Runs a conditional decoder over a whole target. Its two layers are the transitions, the second of which reads
/// contexts; its query is ignored.
///
/// `projected` is the words' share of the first transition's gates, `[time, batch, 3 * hidden]`; `weights` says whether
/// attention is wanted.
pub fn decode(
    decoder: &Decoder,
    projected: Tensor<3>,
    state: State,
    memory: &Memory,
    weights: bool,
) -> Forced {
    match path(&projected) {
        Path::Host => host::decode(decoder, projected, state, memory, weights),
        _ => reference::decode(decoder, projected, state, memory, weights),
    }
}

/// One step from the word's share of the first transition's gates, `[rows, 3 * hidden]`.
pub fn step(decoder: &Decoder, projected: Tensor<2>, state: State, memory: &Memory) -> Step {
    reference::step(decoder, projected, state, memory)
}
