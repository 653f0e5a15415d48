//! The image encoder.

use burn::module::{Module, Param};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::Encoded;
use crate::cell::State;
use crate::dropout::{Noise, dropout};
use crate::initial::Initialiser;
use crate::linear::Linear;
use crate::positions::Positions;
use network::Images;
use network::ModelConfig;
use operations::affine::{Activation, affine};
use operations::image::{WINDOW, pooled, windows};
use operations::join::{Order, join};
use operations::lengths::Lengths;

/// A convolution of 3 x 3 pixels, max(0, x), and the largest of each 2 x 2 pixels.
#[derive(Module, Debug)]
pub struct ImageBlock {
    /// `[3, 3, input, output]`: row, column, channels.
    pub weight: Param<Tensor<4>>,
    /// `[output]`.
    pub bias: Param<Tensor<1>>,
}

impl ImageBlock {
    /// From `input` to `output` channels, drawn for max(0, x) as He et al. (2015) propose: uniform
    /// with the variance 2 / (9 * input).
    fn new(initial: &Initialiser, input: usize, output: usize) -> Self {
        let shape = [WINDOW, WINDOW, input, output];
        let bound = (6.0 / (WINDOW * WINDOW * input) as f32).sqrt();
        let values = initial.numbers("weight", shape.iter().product(), bound);
        Self {
            weight: Param::from_data(TensorData::new(values, shape), initial.device()),
            bias: initial.vector(vec![0.0; output]),
        }
    }

    /// `[batch, height, width, input]`, both sides even, to half of both sides; `widths` are the
    /// real columns.
    fn forward(&self, pixels: Tensor<4>, widths: &[usize]) -> Tensor<4> {
        let [batch, height, width, _] = pixels.dims();
        let windows = windows(pixels);
        let weight = self.weight.val().flatten::<2>(0, 2);
        let bias = Some(self.bias.val());
        let sums = affine(windows, weight, bias, Activation::Identity);
        let channels = sums.dims()[1];
        pooled(sums.reshape([batch, height, width, channels]), widths)
    }
}

/// A small convolutional network over images. Each block halves both sides (rounded up) and has
/// twice the channels of the one before. The memory is what the last block leaves, through one
/// affine layer, with a learned vector for the row and one for the column of each place added, in
/// reading order: the top row from left to right, then the next. The state for bridges is the mean
/// of the memory.
#[derive(Module, Debug)]
pub struct ImageEncoder {
    /// Bottom block first.
    pub blocks: Vec<ImageBlock>,
    /// `[channels, memory]`.
    pub enter: Linear,
    /// Vectors of `memory` numbers.
    pub rows: Positions,
    /// Vectors of `memory` numbers.
    pub columns: Positions,
}

impl ImageEncoder {
    /// The encoder that `config` describes.
    pub fn new(initial: &Initialiser, config: &ModelConfig) -> Self {
        let part = &config.encoder;
        let size = part.memory_size(config.hidden_size);
        let channels = |blocks: usize| part.channels() << (blocks - 1);
        let block = |block: usize| {
            let input = match block {
                0 => part.input_channels(),
                _ => channels(block),
            };
            let initial = initial.part(&format!("blocks.{block}"));
            ImageBlock::new(&initial, input, channels(block + 1))
        };
        let height = part.height().div_ceil(1 << part.layers);
        Self {
            blocks: (0..part.layers).map(block).collect(),
            enter: Linear::new(&initial.part("enter"), channels(part.layers), size, true),
            rows: Positions::new(initial, "rows", height, size),
            columns: Positions::new(initial, "columns", part.max_positions(), size),
        }
    }

    /// Rows and columns of the memory of an image of `height` x `width` pixels. Its places lie in
    /// reading order: place p is in row p / columns and column p % columns.
    pub fn grid(&self, height: usize, width: usize) -> [usize; 2] {
        [height, width].map(|pixels| pixels.div_ceil(1 << self.blocks.len()))
    }

    /// How many places of the memory each image has.
    pub fn lengths(&self, images: &Images<'_>) -> Vec<usize> {
        let places = |&width: &usize| self.grid(images.height, width).iter().product();
        images.widths.iter().map(places).collect()
    }

    /// Encodes a batch of images. With `noise`, units are dropped.
    ///
    /// # Panics
    /// When the images have other channels than this encoder was made for.
    pub fn encode(&self, source: Images<'_>, noise: Option<&Noise>) -> Encoded {
        assert_eq!(
            source.channels,
            self.blocks[0].weight.dims()[2],
            "an image encoder reads images of `model.encoder.input_channels` channels"
        );
        let device = self.enter.weight.device();
        let batch = source.rows();
        let [height, width] = self.grid(source.height, source.width);
        let scale = 1 << self.blocks.len();
        let sides = [height * scale, width * scale];
        let pixels = source.channels_last(sides[0], sides[1]);
        let shape = [batch, sides[0], sides[1], source.channels];
        let mut pixels = Tensor::from_data(TensorData::new(pixels, shape), &device);
        let mut widths = source.widths.to_vec();
        for block in &self.blocks {
            pixels = block.forward(pixels, &widths);
            widths
                .iter_mut()
                .for_each(|width| *width = width.div_ceil(2));
        }
        let entered = self.enter.rows(pixels.flatten::<2>(0, 2));
        let size = entered.dims()[1];
        let places = entered.reshape([batch, height, width, size]);
        let rows = self.rows.vectors(0, height).reshape([1, height, 1, size]);
        let columns = self.columns.vectors(0, width).reshape([1, 1, width, size]);
        let places = (places + rows + columns).reshape([batch * height * width, size]);
        let places = in_order(places, height, width, &widths, &device);
        let lengths = Lengths::new(&self.lengths(&source), height * width, &device);
        let memory = places.reshape([batch, height * width, size]);
        let memory = lengths.clear(dropout(memory.swap_dims(0, 1), noise));
        let hidden = lengths.mean(memory.clone());
        Encoded {
            memory: join(memory, None, Order::BatchMajor),
            states: vec![State { hidden, cell: None }],
            lengths,
        }
    }
}

/// Brings the real places of each image, `[batch * height * width, size]`, in front of its others.
fn in_order(
    places: Tensor<2>,
    height: usize,
    width: usize,
    widths: &[usize],
    device: &Device,
) -> Tensor<2> {
    if widths.iter().all(|&real| real == width) {
        return places;
    }
    let size = height * width;
    let mut order: Vec<i32> = Vec::with_capacity(widths.len() * size);
    for (image, &real) in widths.iter().enumerate() {
        let place = |index: usize| match index < height * real {
            true => index / real * width + index % real,
            // Padding: any place does.
            false => 0,
        };
        order.extend((0..size).map(|index| (image * size + place(index)) as i32));
    }
    let count = order.len();
    let order = Tensor::<1, Int>::from_data(TensorData::new(order, [count]), device);
    places.select(0, order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_places_come_first_in_reading_order() {
        let device = Device::flex();
        let places: Vec<f32> = (0u8..12).map(f32::from).collect();
        let places = Tensor::from_data(TensorData::new(places, [12, 1]), &device);
        let found = in_order(places, 2, 3, &[3, 2], &device).into_data();
        let found: Vec<f32> = found.iter::<f32>().collect();
        assert_eq!(found[..6], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(found[6..10], [6.0, 7.0, 9.0, 10.0]);
    }
}
