//! Layer normalisation.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use crate::initial::Initialiser;

/// Keeps the division finite, as in PyTorch.
const EPSILON: f64 = 1e-5;

/// (x - mean) / sqrt(variance + 1e-5) * gain + bias over the features of each position, with the
/// variance of the whole and not of a sample (Ba et al. 2016, equation 4).
#[derive(Module, Debug)]
pub struct LayerNorm {
    /// `[size]`, one at first.
    pub gain: Param<Tensor<1>>,
    /// `[size]`, zero at first.
    pub bias: Param<Tensor<1>>,
}

impl LayerNorm {
    /// For vectors of `size` numbers.
    pub fn new(initial: &Initialiser, size: usize) -> Self {
        Self {
            gain: initial.vector(vec![1.0; size]),
            bias: initial.vector(vec![0.0; size]),
        }
    }

    /// Normalises the last axis.
    pub fn forward<const D: usize>(&self, values: Tensor<D>) -> Tensor<D> {
        let centred = values.clone() - values.mean_dim(D - 1);
        let variance = centred.clone().square().mean_dim(D - 1);
        let normal = centred / (variance + EPSILON).sqrt();
        normal * self.gain.val().unsqueeze() + self.bias.val().unsqueeze()
    }
}
