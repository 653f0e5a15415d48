//! An affine layer.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use crate::initial::Initialiser;
use operations::affine::{self, Activation, Weights};

/// y = x W + b, with W stored `[input, output]`.
#[derive(Module, Debug)]
pub struct Linear {
    /// `[input, output]`.
    pub weight: Param<Tensor<2>>,
    /// `[output]`.
    pub bias: Option<Param<Tensor<1>>>,
}

impl Linear {
    /// A layer with Glorot weights and zero bias.
    pub fn new(initial: &Initialiser, input: usize, output: usize, bias: bool) -> Self {
        Self {
            weight: initial.weight("weight", input, output, 1),
            bias: bias.then(|| initial.vector(vec![0.0; output])),
        }
    }

    /// `[rows, input]` to `[rows, output]`.
    pub fn rows(&self, input: Tensor<2>) -> Tensor<2> {
        self.apply(input, Activation::Identity)
    }

    /// tanh(x W + b): `[rows, input]` to `[rows, output]`.
    pub fn squash(&self, input: Tensor<2>) -> Tensor<2> {
        self.apply(input, Activation::Tanh)
    }

    /// [`Linear::squash`] of rows that lie in two parts.
    pub fn squash_beside(&self, left: Tensor<2>, right: Tensor<2>) -> Tensor<2> {
        let bias = self.bias.as_ref().map(|bias| bias.val());
        affine::affine_beside(left, right, self.weight.val(), bias, Activation::Tanh)
    }

    fn apply(&self, input: Tensor<2>, activation: Activation) -> Tensor<2> {
        self.parameters().rows(input, activation)
    }

    /// `[.., .., input]` to `[.., .., output]`, as one matrix product over all positions.
    pub fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        self.parameters().forward(input)
    }

    /// Returns weight and bias.
    pub fn parameters(&self) -> Weights {
        Weights {
            weight: self.weight.val(),
            bias: self.bias.as_ref().map(|bias| bias.val()),
        }
    }
}
