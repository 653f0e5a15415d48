//! In plain tensor operations.

use burn::tensor::{Tensor, TensorData, activation::relu};

use super::cpu::WINDOW;

/// See [`super::windows`].
pub(super) fn windows(pixels: Tensor<4>) -> Tensor<2> {
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
pub(super) fn pooled(pixels: Tensor<4>, widths: &[usize]) -> Tensor<4> {
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
