//! In plain tensor operations.

use burn::tensor::Tensor;

/// Keeps the division finite, as in PyTorch.
const EPSILON: f64 = 1e-5;

/// Parameters of a normalisation.
#[derive(Debug, Clone)]
pub struct Norm {
    /// `[size]`
    pub gain: Tensor<1>,
    /// `[size]`
    pub bias: Tensor<1>,
}

impl Norm {
    /// Normalises the last axis.
    pub fn forward<const D: usize>(&self, values: Tensor<D>) -> Tensor<D> {
        let centred = values.clone() - values.mean_dim(D - 1);
        let variance = centred.clone().square().mean_dim(D - 1);
        let normal = centred / (variance + EPSILON).sqrt();
        normal * self.gain.clone().unsqueeze() + self.bias.clone().unsqueeze()
    }
}
