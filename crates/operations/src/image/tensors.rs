//! On tensors.

use burn::tensor::Tensor;

use super::cpu::{Shape, WINDOW, fold, pool, unfold, unpool};
use super::reference;
use crate::host::{Back, Operand, Operation, apply};
use crate::path::{Path, path};

/// The window of 3 x 3 pixels around each of `pixels`, `[batch, height, width, channels]`, as a row of its own:
/// `[batch * height * width, 9 * channels]`, row by row, with zeros beyond the images.
pub fn windows(pixels: Tensor<4>) -> Tensor<2> {
    if path(&pixels) == Path::Host {
        return fused_windows(pixels);
    }
    reference::windows(pixels)
}

/// The largest of zero and of each 2 x 2 of `pixels`, `[batch, height, width, channels]` with even sides:
/// `[batch, height / 2, width / 2, channels]`. Columns from `widths` on count as zero.
pub fn pooled(pixels: Tensor<4>, widths: &[usize]) -> Tensor<4> {
    if path(&pixels) == Path::Host {
        return fused_pooled(pixels, widths);
    }
    reference::pooled(pixels, widths)
}

fn shape([images, height, width, channels]: [usize; 4]) -> Shape {
    Shape {
        images,
        height,
        width,
        channels,
    }
}

#[derive(Debug)]
struct Unfold(Shape);

impl Operation<1, 1> for Unfold {
    type Saved = ();

    fn reads_input(&self) -> [bool; 1] {
        [false]
    }

    fn forward(&self, [pixels]: [&[f32]; 1], _gradients: bool) -> ([Vec<f32>; 1], ()) {
        ([unfold(self.0, pixels)], ())
    }

    fn backward(self, back: Back<'_, (), 1, 1>) -> [Vec<f32>; 1] {
        [fold(self.0, back.gradients[0])]
    }
}

#[derive(Debug)]
struct Pool {
    shape: Shape,
    widths: Vec<usize>,
}

impl Operation<1, 1> for Pool {
    /// Which pixels were the largest.
    type Saved = Vec<u8>;

    fn reads_input(&self) -> [bool; 1] {
        [false]
    }

    fn forward(&self, [pixels]: [&[f32]; 1], _gradients: bool) -> ([Vec<f32>; 1], Vec<u8>) {
        let (largest, choices) = pool(self.shape, &self.widths, pixels);
        ([largest], choices)
    }

    fn backward(self, back: Back<'_, Vec<u8>, 1, 1>) -> [Vec<f32>; 1] {
        [unpool(self.shape, &back.saved, back.gradients[0])]
    }
}

/// [`windows`] on the host.
fn fused_windows(pixels: Tensor<4>) -> Tensor<2> {
    let shape = shape(pixels.dims());
    let rows = shape.images * shape.height * shape.width;
    let sizes = [rows, WINDOW * WINDOW * shape.channels];
    let [windows] = apply(Unfold(shape), [Operand::new(pixels)], [&sizes]);
    windows.tensor()
}

/// [`pooled`] on the host.
fn fused_pooled(pixels: Tensor<4>, widths: &[usize]) -> Tensor<4> {
    let [images, height, width, channels] = pixels.dims();
    let operation = Pool {
        shape: shape(pixels.dims()),
        widths: widths.to_vec(),
    };
    let sizes = [images, height / 2, width / 2, channels];
    let [largest] = apply(operation, [Operand::new(pixels)], [&sizes]);
    largest.tensor()
}
