//! An affine layer.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use crate::initial::Initialiser;

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
        let output = input.matmul(self.weight.val());
        match &self.bias {
            Some(bias) => output + bias.val().unsqueeze(),
            None => output,
        }
    }

    /// `[.., .., input]` to `[.., .., output]`, as one matrix product over all positions.
    pub fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        let [outer, inner, size] = input.dims();
        let output = self.rows(input.reshape([outer * inner, size]));
        let size = output.dims()[1];
        output.reshape([outer, inner, size])
    }
}
