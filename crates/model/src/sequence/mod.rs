//! Operations over whole sequences: the one place where models meet kernels.
//!
//! Each operation has a `reference`, written in plain tensor operations, which runs on every backend
//! and says what is right. On the CPU backend, `fused` hands whole sequences to the `kernels` crate,
//! on a GPU `cube` launches programs of our own; their results agree with the reference. Everything
//! is time-major here: `[time, batch, ..]`.

mod affine;
mod attention;
mod coverage;
mod cross_entropy;
#[cfg(all(any(feature = "wgpu", feature = "cuda"), not(feature = "fusion")))]
mod cube;
mod decoder;
mod decoding;
mod dropout;
mod embedding;
mod guided;
mod image;
mod join;
mod path;
mod recurrent;
mod reference;

use burn::tensor::Tensor;
pub use kernels::affine::Activation;
pub use kernels::image::WINDOW;
pub use kernels::join::Order;

pub(crate) use coverage::coverage_loss;
pub use cross_entropy::{Loss, Targets, cross_entropy};
pub(crate) use decoding::{Decoding, decoding};
pub(crate) use guided::guided_loss;
pub use guided::{Distance, Guide};
use path::{Path, path};
pub use path::{use_reference, uses_reference};

use crate::attention::{Attention, Memory};
use crate::cell::{RecurrentLayer, State};
use crate::decoder::{RecurrentDecoder, RecurrentState, Source};
use crate::dropout::Mask;
use crate::padded::{Lengths, Padded};

/// `g(x W + b)` for `input` x, `[rows, input]`, and `weight` W, `[input, output]`.
pub fn affine(
    input: Tensor<2>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Tensor<2> {
    if path(&input) == Path::Host {
        return affine::fused(input, weight, bias, activation);
    }
    reference::affine(input, weight, bias, activation)
}

/// [`affine`] of `left` and `right` side by side, whose rows in `weight` follow one another.
pub fn affine_beside(
    left: Tensor<2>,
    right: Tensor<2>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Tensor<2> {
    if path(&left) == Path::Host {
        return affine::fused_beside(left, right, weight, bias, activation);
    }
    reference::affine(Tensor::cat(vec![left, right], 1), weight, bias, activation)
}

/// a * sigmoid(b) for the halves a and b of each row, `[rows, 2 * size]` to `[rows, size]`.
pub(crate) fn gate(sums: Tensor<2>) -> Tensor<2> {
    reference::gate(sums)
}

/// The vectors `[time, batch, part]` of one list, or of two side by side, in a new order.
pub fn join(first: Tensor<3>, second: Option<Tensor<3>>, order: Order) -> Tensor<3> {
    if path(&first) == Path::Host {
        return match (second, order) {
            (Some(second), order) => join::fused([first, second], order),
            (None, Order::BatchMajor) => join::fused([first], order),
            (None, Order::TimeMajor) => first,
        };
    }
    reference::join(first, second, order)
}

/// Looks words up in a `table` of word vectors, `[vocabulary, embedding]`, and drops units of
/// them: `[time, batch, embedding]`.
pub fn embed(table: Tensor<2>, words: Padded<'_>, mask: Option<Mask>) -> Tensor<3> {
    if path(&table) == Path::Host {
        let size = table.dims()[1];
        let factors = mask.map(|mask| mask.values).unwrap_or_default();
        let vectors = embedding::fused(table, words.time_major_ids(), factors);
        return vectors.reshape([words.time, words.rows(), size]);
    }
    reference::embed(table, words, mask)
}

/// Drops units of `values`, `[time, batch, size]`.
pub fn dropout(values: Tensor<3>, mask: Mask) -> Tensor<3> {
    if path(&values) == Path::Host {
        return dropout::fused(values, mask.values);
    }
    let mask = mask.tensor(&values.device());
    values * mask
}

/// The window of 3 x 3 pixels around each of `pixels`, `[batch, height, width, channels]`, as a row of its own:
/// `[batch * height * width, 9 * channels]`, row by row, with zeros beyond the images.
pub fn windows(pixels: Tensor<4>) -> Tensor<2> {
    if path(&pixels) == Path::Host {
        return image::fused_windows(pixels);
    }
    reference::windows(pixels)
}

/// The largest of zero and of each 2 x 2 of `pixels`, `[batch, height, width, channels]` with even sides:
/// `[batch, height / 2, width / 2, channels]`. Columns from `widths` on count as zero.
pub fn pooled(pixels: Tensor<4>, widths: &[usize]) -> Tensor<4> {
    if path(&pixels) == Path::Host {
        return image::fused_pooled(pixels, widths);
    }
    reference::pooled(pixels, widths)
}

/// What a decoder does when the words are given.
#[derive(Debug)]
pub struct Forced {
    /// f of every step, `[time, batch, hidden]`.
    pub outputs: Tensor<3>,
    /// Attention, `[time, batch, source]`, where it was wanted and every step asks.
    pub weights: Option<Tensor<3>>,
}

/// Answers the states of all steps, `[time, batch, hidden]`, at once: the contexts
/// `[time, batch, context]`, and, if wanted, the weights `[time, batch, source]`.
pub fn attend(
    attention: &Attention,
    states: Tensor<3>,
    memory: &Memory,
    weights: bool,
) -> (Tensor<3>, Option<Tensor<3>>) {
    let found = match path(&states) {
        Path::Host => attention::fused(attention, states, memory, weights),
        _ => Err(states),
    };
    found.unwrap_or_else(|states| {
        let (contexts, seen) = reference::attend(attention, states, memory);
        (contexts, weights.then_some(seen))
    })
}

/// Runs a layer over `inputs`, `[time, batch, input]`, from `start`; with `reverse` from each
/// sentence's own last token to its first.
///
/// Returns the hidden states `[time, batch, hidden]`, zero at padding, and the last state. Padding
/// never changes a state: it is held there.
pub fn recurrent(
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
    match path(&projected) {
        Path::Host => recurrent::fused(layer, projected, lengths, reverse, start),
        #[cfg(all(any(feature = "wgpu", feature = "cuda"), not(feature = "fusion")))]
        Path::Cube => cube::recurrent(layer, projected, lengths, reverse, start),
        Path::Reference => reference::recurrent(layer, projected, lengths, reverse, start),
    }
}

/// Runs a decoder whose steps depend on one another's outputs over a whole target.
///
/// `projected` is the words' share of the first layer's gates, `[time, batch, gates * hidden]`;
/// `upper` has the dropout masks of the layers above. `weights` says whether attention is wanted.
pub fn decode(
    decoder: &RecurrentDecoder,
    projected: Tensor<3>,
    state: RecurrentState,
    source: &Source,
    upper: &[Option<Tensor<3>>],
    weights: bool,
) -> Forced {
    let found = match path(&projected) {
        Path::Host => decoder::fused(decoder, projected, state, source, upper, weights),
        #[cfg(all(any(feature = "wgpu", feature = "cuda"), not(feature = "fusion")))]
        Path::Cube if decoder.stack.is_plain(decoder.layers.len()) && !weights => {
            let outputs = cube::decode(decoder, projected, state, source, upper);
            outputs.map(|outputs| Forced {
                outputs,
                weights: None,
            })
        }
        _ => Err((projected, state)),
    };
    found.unwrap_or_else(|(projected, state)| {
        reference::decode(decoder, projected, state, source, upper, weights)
    })
}
