//! Layer normalisation.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use crate::initial::Initialiser;
use operations::layer_norm::Norm;

/// See [`operations::layer_norm`].
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

    /// Returns gain and bias.
    pub fn parameters(&self) -> Norm {
        Norm {
            gain: self.gain.val(),
            bias: self.bias.val(),
        }
    }
}
