//! On tensors.

use burn::tensor::Tensor;

#[cfg(gpu)]
use super::gpu;
use super::parameters::{Decoder, Forced, State};
use super::{host, reference};
use crate::attention::Memory;
use crate::path::{Path, path};

/// Runs a decoder whose steps depend on one another's outputs over a whole target.
///
/// `projected` is the words' share of the first layer's gates, `[time, batch, gates * hidden]`;
/// `upper` has the dropout masks of the layers above. `weights` says whether attention is wanted.
pub fn decode(
    decoder: &Decoder,
    projected: Tensor<3>,
    state: State,
    memory: Option<&Memory>,
    upper: &[Option<Tensor<3>>],
    weights: bool,
) -> Forced {
    match path(&projected) {
        Path::Host if decoder.feed_weight.is_some() => {
            host::decode(decoder, projected, state, memory, upper, weights)
        }
        #[cfg(gpu)]
        Path::Gpu if !weights && gpu::runs(decoder, memory) => Forced {
            outputs: gpu::decode(decoder, projected, state, memory, upper),
            weights: None,
        },
        _ => reference::decode(decoder, projected, state, memory, upper, weights),
    }
}
