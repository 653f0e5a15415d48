//! Gated convolutions over time.

use burn::module::{Module, Param};
use burn::tensor::{Tensor, TensorData};

use crate::initial::Initialiser;
use operations::affine::{self, Activation};

/// A residual sum of two parts of equal variance is multiplied by this (Gehring et al. 2017,
/// section 3.5).
pub(crate) const HALF: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// A one-dimensional convolution whose output goes through a gated linear unit: with the halves a
/// and b of its sum, a * sigmoid(b) (Dauphin et al. 2017; Gehring et al. 2017, section 3.2).
#[derive(Module, Debug)]
pub struct Convolution {
    /// `[width, input, 2 * output]`, the oldest time step first; the columns of a, then those of b.
    pub weight: Param<Tensor<3>>,
    /// `[2 * output]`.
    pub bias: Param<Tensor<1>>,
}

impl Convolution {
    /// From and to vectors of `size` numbers, over `width` time steps, for inputs of which dropout
    /// keeps the share `keep`: uniform with the variance 4 keep / (width * size), which keeps that of
    /// the input (Gehring et al. 2017, section 3.5).
    pub fn new(initial: &Initialiser, width: usize, size: usize, keep: f64) -> Self {
        let bound = (12.0 * keep as f32 / (width * size) as f32).sqrt();
        let values = initial.numbers("weight", width * size * 2 * size, bound);
        let values = TensorData::new(values, [width, size, 2 * size]);
        Self {
            weight: Param::from_data(values, initial.device()),
            bias: initial.vector(vec![0.0; 2 * size]),
        }
    }

    /// The number of time steps that an output sees.
    pub fn width(&self) -> usize {
        self.weight.dims()[0]
    }

    /// `[time + width - 1, batch, size]` to `[time, batch, size]`.
    pub fn forward(&self, inputs: Tensor<3>) -> Tensor<3> {
        let width = self.width();
        let [padded, batch, _] = inputs.dims();
        let time = padded + 1 - width;
        let windows: Vec<Tensor<3>> = (0..width)
            .map(|step| inputs.clone().narrow(0, step, time))
            .collect();
        let windows = Tensor::cat(windows, 2).flatten::<2>(0, 1);
        let found = self.rows(windows);
        let size = found.dims()[1];
        found.reshape([time, batch, size])
    }

    /// Single outputs, `[rows, size]`, of windows whose time steps lie side by side,
    /// `[rows, width * size]`.
    pub fn rows(&self, windows: Tensor<2>) -> Tensor<2> {
        let weight = self.weight.val().flatten::<2>(0, 1);
        let sum = affine::affine(windows, weight, Some(self.bias.val()), Activation::Identity);
        affine::gate(sum)
    }
}
