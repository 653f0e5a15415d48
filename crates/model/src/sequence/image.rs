//! What a convolutional network over images does beside matrix products, on the CPU's own kernels.

use burn::tensor::Tensor;
use kernels::image::{Shape, WINDOW, fold, pool, unfold, unpool};

use crate::host::{Back, Operand, Operation, apply};

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

    fn reads_input(&self, _input: usize) -> bool {
        false
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

    fn reads_input(&self, _input: usize) -> bool {
        false
    }

    fn forward(&self, [pixels]: [&[f32]; 1], _gradients: bool) -> ([Vec<f32>; 1], Vec<u8>) {
        let (largest, choices) = pool(self.shape, &self.widths, pixels);
        ([largest], choices)
    }

    fn backward(self, back: Back<'_, Vec<u8>, 1, 1>) -> [Vec<f32>; 1] {
        [unpool(self.shape, &back.saved, back.gradients[0])]
    }
}

/// See [`super::windows`].
pub(super) fn fused_windows(pixels: Tensor<4>) -> Tensor<2> {
    let shape = shape(pixels.dims());
    let rows = shape.images * shape.height * shape.width;
    let sizes = [rows, WINDOW * WINDOW * shape.channels];
    let [windows] = apply(Unfold(shape), [Operand::new(pixels)], [&sizes]);
    windows.tensor()
}

/// See [`super::pooled`].
pub(super) fn fused_pooled(pixels: Tensor<4>, widths: &[usize]) -> Tensor<4> {
    let [images, height, width, channels] = pixels.dims();
    let operation = Pool {
        shape: shape(pixels.dims()),
        widths: widths.to_vec(),
    };
    let sizes = [images, height / 2, width / 2, channels];
    let [largest] = apply(operation, [Operand::new(pixels)], [&sizes]);
    largest.tensor()
}
