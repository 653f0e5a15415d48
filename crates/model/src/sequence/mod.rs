//! Operations over whole sequences: the one place where models meet kernels.
//!
//! Each operation has a `reference`, written in plain tensor operations, which runs on every backend
//! and says what is right. On the CPU backend, `fused` hands whole sequences to the `kernels` crate,
//! whose results agree with the reference. Everything is time-major here: `[time, batch, ..]`.

mod cross_entropy;
mod decoder;
mod recurrent;
mod reference;

use burn::tensor::Tensor;

pub(crate) use cross_entropy::cross_entropy;
pub use cross_entropy::{Loss, Targets};
pub(crate) use recurrent::kernel;

use crate::cell::{RecurrentLayer, State};
use crate::decoder::{DecoderState, RecurrentDecoder, Source};
use crate::host;
use crate::padded::Lengths;

/// Runs a layer over `inputs`, `[time, batch, input]`, from `start`; with `reverse` from each
/// sentence's own last token to its first.
///
/// Returns the hidden states `[time, batch, hidden]`, zero at padding, and the last state. Padding
/// never changes a state: it is held there.
pub(crate) fn recurrent(
    layer: &RecurrentLayer,
    inputs: Tensor<3>,
    lengths: &Lengths,
    reverse: bool,
    start: State,
) -> (Tensor<3>, State) {
    recurrent_beside(layer, inputs, None, lengths, reverse, start)
}

/// [`recurrent`], with `beside`, `[batch, gates * hidden]`, added to the gates of every step.
pub(crate) fn recurrent_beside(
    layer: &RecurrentLayer,
    inputs: Tensor<3>,
    beside: Option<Tensor<2>>,
    lengths: &Lengths,
    reverse: bool,
    start: State,
) -> (Tensor<3>, State) {
    let [time, rows, size] = inputs.dims();
    let projected = layer.project(inputs.reshape([time * rows, size]));
    let columns = projected.dims()[1];
    let mut projected = projected.reshape([time, rows, columns]);
    if let Some(beside) = beside {
        projected = projected + beside.unsqueeze();
    }
    if host::runs(&projected) {
        return recurrent::fused(layer, projected, lengths, reverse, start);
    }
    reference::recurrent(layer, projected, lengths, reverse, start)
}

/// Runs a decoder whose steps depend on one another's outputs over a whole target.
///
/// `projected` is the words' share of the first layer's gates, `[time, batch, gates * hidden]`;
/// `upper` has the dropout masks of the layers above. Returns the outputs f,
/// `[time, batch, hidden]`.
pub(crate) fn decode(
    decoder: &RecurrentDecoder,
    projected: Tensor<3>,
    state: DecoderState,
    source: &Source,
    upper: &[Option<Tensor<3>>],
) -> Tensor<3> {
    if host::runs(&projected) {
        match decoder::fused(decoder, projected, state, source, upper) {
            Ok(outputs) => return outputs,
            Err((projected, state)) => {
                return reference::decode(decoder, projected, state, source, upper);
            }
        }
    }
    reference::decode(decoder, projected, state, source, upper)
}
