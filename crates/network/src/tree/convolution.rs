//! Convolutions over time and over images, and learned positions.

use super::part::parts;
use crate::shape::{Shape, Shaped};

/// Pixels of a side of the window of an image encoder's convolutions.
const WINDOW: usize = 3;

parts! {
    /// A one-dimensional convolution whose output goes through a gated linear unit (Dauphin et al. 2017).
    pub struct Convolution {
        /// `[width, input, 2 * output]`, the oldest time step first; the columns of the values, then those of the
        /// gates.
        value weight: T,
        /// `[2 * output]`
        value bias: T,
    }

    /// A convolution of 3 x 3 pixels, max(0, x), and the largest of each 2 x 2 pixels.
    pub struct ImageBlock {
        /// `[3, 3, input, output]`: row, column, channels.
        value weight: T,
        /// `[output]`
        value bias: T,
    }

    /// A learned vector for each position (Gehring et al. 2017, section 3.1).
    pub struct Positions {
        /// `[positions, size]`
        value table: T,
    }
}

impl Convolution<Shape> {
    /// From and to vectors of `size` numbers, over `width` time steps.
    pub(super) fn new(width: usize, size: usize) -> Self {
        Self {
            weight: [width, size, 2 * size].into(),
            bias: [2 * size].into(),
        }
    }
}

impl<T: Shaped> Convolution<T> {
    /// The number of time steps that an output sees.
    pub fn width(&self) -> usize {
        self.weight.axes()[0]
    }
}

impl ImageBlock<Shape> {
    /// From `input` to `output` channels.
    pub(super) fn new(input: usize, output: usize) -> Self {
        Self {
            weight: [WINDOW, WINDOW, input, output].into(),
            bias: [output].into(),
        }
    }
}

impl Positions<Shape> {
    /// Vectors of `size` numbers for `count` positions.
    pub(super) fn new(count: usize, size: usize) -> Self {
        Self {
            table: [count, size].into(),
        }
    }
}
