//! The encoder of images.

use kernels::buffer::Buffer;
use network::{Images, Shaped, Values, tree};
use operations::image::cpu::{Shape, pool, unfold};

use super::conv_encoder::means;
use super::convolution::add;
use super::encoder::{Encoded, LastState, starts};
use super::weight::{Affine, Packing, Precision};

/// A convolutional network over images, with packed weights.
#[derive(Debug)]
pub(super) struct ImageEncoder {
    channels: usize,
    /// `[9 * channels below, channels]` each.
    blocks: Vec<Affine>,
    enter: Affine,
    /// A vector for each row and each column of the grid.
    rows: Table,
    columns: Table,
}

/// Learned vectors.
#[derive(Debug)]
struct Table {
    vectors: Vec<f32>,
    size: usize,
}

impl Table {
    fn new(positions: tree::Positions<Values>) -> Self {
        Self {
            size: positions.table.columns(),
            vectors: positions.table.data,
        }
    }

    /// The vector at `place`; places beyond the last share its vector.
    fn vector(&self, place: usize) -> &[f32] {
        let last = self.vectors.len() / self.size - 1;
        &self.vectors[place.min(last) * self.size..][..self.size]
    }
}

impl ImageEncoder {
    /// Packs an encoder: in full precision whatever the rest is, as it reads an image once.
    pub(super) fn new(weights: tree::ImageEncoder<Values>, packing: &Packing) -> Self {
        let packing = &Packing {
            precision: Precision::Full,
            few_rows: false,
            ..*packing
        };
        let block = |block: &tree::ImageBlock<Values>| {
            let rows = block.weight.data.len() / block.bias.data.len();
            Affine::new(&block.weight.data, rows, Some(&block.bias.data), packing)
        };
        let channels = weights.enter.weight.axes()[0];
        Self {
            channels: weights.blocks[0].weight.axes()[2],
            blocks: weights.blocks.iter().map(block).collect(),
            enter: Affine::of(&weights.enter, channels, packing),
            rows: Table::new(weights.rows),
            columns: Table::new(weights.columns),
        }
    }

    /// Rows and columns of the memory of an image of `height` x `width` pixels.
    fn grid(&self, height: usize, width: usize) -> [usize; 2] {
        [height, width].map(|pixels| pixels.div_ceil(1 << self.blocks.len()))
    }

    /// How many places of the memory each image has.
    pub(super) fn lengths(&self, images: &Images<'_>) -> Vec<usize> {
        let places = |&width: &usize| self.grid(images.height, width).iter().product();
        images.widths.iter().map(places).collect()
    }

    /// Encodes a batch of images.
    ///
    /// # Panics
    /// When the images have other channels than this encoder was made for.
    pub(super) fn encode(&self, source: &Images<'_>) -> Encoded {
        assert_eq!(
            source.channels, self.channels,
            "an image encoder reads images of `model.encoder.input_channels` channels"
        );
        let [height, width] = self.grid(source.height, source.width);
        let scale = 1 << self.blocks.len();
        let mut shape = Shape {
            images: source.rows(),
            height: height * scale,
            width: width * scale,
            channels: source.channels,
        };
        let mut pixels = source.channels_last(shape.height, shape.width);
        let mut widths = source.widths.to_vec();
        for block in &self.blocks {
            let sums = block.apply(&unfold(shape, &pixels));
            shape.channels = block.columns();
            (pixels, _) = pool(shape, &widths, &sums);
            (shape.height, shape.width) = (shape.height / 2, shape.width / 2);
            widths
                .iter_mut()
                .for_each(|width| *width = width.div_ceil(2));
        }
        let size = self.enter.columns();
        let starts = starts(widths.iter().map(|width| height * width));
        let entered = self.enter.apply(&pixels);
        let mut memory = Buffer::new(starts[widths.len()] * size);
        let mut vectors = memory.chunks_exact_mut(size);
        for (image, &real) in widths.iter().enumerate() {
            for place in 0..height * real {
                let (row, column) = (place / real, place % real);
                let from = (image * height + row) * width + column;
                if let Some(vector) = vectors.next() {
                    vector.copy_from_slice(&entered[from * size..][..size]);
                    add(vector, self.rows.vector(row), 1.0);
                    add(vector, self.columns.vector(column), 1.0);
                }
            }
        }
        let hidden = means(&memory, &starts, size);
        Encoded {
            memory,
            starts,
            states: vec![LastState {
                hidden,
                cell: Buffer::new(0),
            }],
        }
    }
}
