//! The sequence operations in plain tensor operations.

use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Tensor, TensorData};

use super::{Activation, Forced, Order, WINDOW};
use crate::attention::{Attention, Memory};
use crate::cell::{self, RecurrentLayer, State};
use crate::decoder::{RecurrentDecoder, RecurrentState, Source};
use crate::dropout::Mask;
use crate::padded::{Lengths, Padded, time_major};

/// The `step`-th of `values`, `[time, rows, size]`, or the only one where all steps share it.
fn at(values: &Tensor<3>, step: usize) -> Tensor<2> {
    let [time, rows, size] = values.dims();
    let step = if time == 1 { 0 } else { step };
    values.clone().narrow(0, step, 1).reshape([rows, size])
}

/// See [`super::recurrent`].
pub(crate) fn recurrent(
    layer: &RecurrentLayer,
    projected: Tensor<3>,
    lengths: &Lengths,
    reverse: bool,
    start: State,
) -> (Tensor<3>, State) {
    let time = lengths.time();
    let rows = projected.dims()[1];
    let weights = layer.recurrence();
    let mut state = start;
    let mut outputs = vec![None; time];
    for turn in 0..time {
        let step = if reverse { time - 1 - turn } else { turn };
        let next = cell::step(layer.cell, at(&projected, step), state.clone(), &weights);
        let (output, held) = match lengths.mask() {
            Some(mask) => {
                let mask = mask.clone().narrow(0, step, 1).reshape([rows, 1]);
                (next.hidden.clone() * mask.clone(), next.held(&state, &mask))
            }
            None => (next.hidden.clone(), next),
        };
        outputs[step] = Some(output);
        state = held;
    }
    let outputs: Vec<Tensor<2>> = outputs.into_iter().flatten().collect();
    (Tensor::stack(outputs, 0), state)
}

/// See [`super::decode`].
pub(crate) fn decode(
    decoder: &RecurrentDecoder,
    projected: Tensor<3>,
    mut state: RecurrentState,
    source: &Source,
    upper: &[Option<Tensor<3>>],
    weights: bool,
) -> Forced {
    let mut seen = Vec::new();
    let outputs: Vec<Tensor<2>> = (0..projected.dims()[0])
        .map(|time| {
            let masks: Vec<_> = upper
                .iter()
                .map(|mask| mask.as_ref().map(|mask| at(mask, time)))
                .collect();
            let step = decoder.advance(at(&projected, time), state.clone(), source, &masks);
            state = step.state;
            seen.extend(step.weights.filter(|_| weights && source.memory.is_some()));
            step.output
        })
        .collect();
    Forced {
        outputs: Tensor::stack(outputs, 0),
        weights: (!seen.is_empty()).then(|| Tensor::stack(seen, 0)),
    }
}

/// See [`super::affine`].
pub(crate) fn affine(
    input: Tensor<2>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Tensor<2> {
    let mut output = input.matmul(weight);
    if let Some(bias) = bias {
        output = output + bias.unsqueeze();
    }
    match activation {
        Activation::Identity => output,
        Activation::Tanh => output.tanh(),
    }
}

/// See [`super::gate`].
pub(crate) fn gate(sums: Tensor<2>) -> Tensor<2> {
    let size = sums.dims()[1] / 2;
    let gates = sigmoid(sums.clone().narrow(1, size, size));
    sums.narrow(1, 0, size) * gates
}

/// See [`super::join`].
pub(crate) fn join(first: Tensor<3>, second: Option<Tensor<3>>, order: Order) -> Tensor<3> {
    let joined = match second {
        Some(second) => Tensor::cat(vec![first, second], 2),
        None => first,
    };
    match order {
        Order::TimeMajor => joined,
        Order::BatchMajor => joined.swap_dims(0, 1),
    }
}

/// See [`super::embed`].
pub(crate) fn embed(table: Tensor<2>, words: Padded<'_>, mask: Option<Mask>) -> Tensor<3> {
    let size = table.dims()[1];
    let device = table.device();
    let vectors =
        table
            .select(0, time_major(&words, &device))
            .reshape([words.time, words.rows(), size]);
    match mask {
        Some(mask) => vectors * mask.tensor(&device),
        None => vectors,
    }
}

/// See [`super::attend`].
pub(crate) fn attend(
    attention: &Attention,
    states: Tensor<3>,
    memory: &Memory,
) -> (Tensor<3>, Tensor<3>) {
    let (contexts, weights) = attention.attend(states.swap_dims(0, 1), memory);
    (contexts.swap_dims(0, 1), weights.swap_dims(0, 1))
}

/// See [`super::windows`].
pub(crate) fn windows(pixels: Tensor<4>) -> Tensor<2> {
    let [batch, height, width, channels] = pixels.dims();
    let device = pixels.device();
    let line = Tensor::zeros([batch, 1, width, channels], &device);
    let framed = Tensor::cat(vec![line.clone(), pixels, line], 1);
    let column = Tensor::zeros([batch, height + 2, 1, channels], &device);
    let framed = Tensor::cat(vec![column.clone(), framed, column], 2);
    let window = |place: usize| {
        let rows = framed.clone().narrow(1, place / WINDOW, height);
        rows.narrow(2, place % WINDOW, width)
    };
    let windows: Vec<Tensor<4>> = (0..WINDOW * WINDOW).map(window).collect();
    Tensor::cat(windows, 3).flatten::<2>(0, 2)
}

/// See [`super::pooled`].
pub(crate) fn pooled(pixels: Tensor<4>, widths: &[usize]) -> Tensor<4> {
    let [batch, height, width, channels] = pixels.dims();
    let pixels = blank(relu(pixels), widths);
    let larger = |pairs: Tensor<3>| {
        let [first, second] = [0, 1].map(|place| pairs.clone().narrow(1, place, 1));
        first.max_pair(second)
    };
    let rows = larger(pixels.reshape([batch * height / 2, 2, width * channels]));
    let all = larger(rows.reshape([batch * height * width / 4, 2, channels]));
    all.reshape([batch, height / 2, width / 2, channels])
}

/// `pixels`, `[batch, height, width, channels]`, with zeros beyond the real columns.
fn blank(pixels: Tensor<4>, widths: &[usize]) -> Tensor<4> {
    let [batch, _, width, _] = pixels.dims();
    if widths.iter().all(|&real| real == width) {
        return pixels;
    }
    let mask: Vec<f32> = (0..batch * width)
        .map(|place| f32::from(place % width < widths[place / width]))
        .collect();
    let mask = TensorData::new(mask, [batch, 1, width, 1]);
    let mask = Tensor::from_data(mask, &pixels.device());
    pixels * mask
}
