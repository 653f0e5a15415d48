//! On tensors.

use burn::tensor::Tensor;

use super::cpu::{Activation, Inputs, Shape, backward, forward};
use super::reference;
use crate::host::{Back, Operand, Operation, apply};
use crate::path::{Path, path};

/// Parameters of an affine layer.
#[derive(Debug, Clone)]
pub struct Weights {
    /// W, `[input, output]`.
    pub weight: Tensor<2>,
    /// b, `[output]`.
    pub bias: Option<Tensor<1>>,
}

impl Weights {
    /// g(x W + b): `[rows, input]` to `[rows, output]`.
    pub fn rows(self, input: Tensor<2>, activation: Activation) -> Tensor<2> {
        affine(input, self.weight, self.bias, activation)
    }

    /// x W + b: `[.., .., input]` to `[.., .., output]`, as one matrix product over all positions.
    pub fn forward(self, input: Tensor<3>) -> Tensor<3> {
        let [outer, inner, size] = input.dims();
        let output = self.rows(input.reshape([outer * inner, size]), Activation::Identity);
        let size = output.dims()[1];
        output.reshape([outer, inner, size])
    }
}

/// `g(x W + b)` for `input` x, `[rows, input]`, and `weight` W, `[input, output]`.
pub fn affine(
    input: Tensor<2>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Tensor<2> {
    if path(&input) == Path::Host {
        return fused(input, weight, bias, activation);
    }
    reference::affine(input, weight, bias, activation)
}

/// [`affine`] of `left` and `right` side by side, whose rows in `weight` follow one another.
pub fn affine_beside(
    left: Tensor<2>,
    right: Tensor<2>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Tensor<2> {
    if path(&left) == Path::Host {
        return fused_beside(left, right, weight, bias, activation);
    }
    reference::affine(Tensor::cat(vec![left, right], 1), weight, bias, activation)
}

/// a * sigmoid(b) for the halves a and b of each row, `[rows, 2 * size]` to `[rows, size]` (Dauphin et al. 2017).
pub fn gate(sums: Tensor<2>) -> Tensor<2> {
    reference::gate(sums)
}

#[derive(Debug)]
struct Affine<const P: usize> {
    activation: Activation,
    shape: Shape<P>,
}

impl<const P: usize> Affine<P> {
    /// The gradients of the parts, the weight and the bias.
    fn back(
        &self,
        inputs: Inputs<'_, P>,
        result: &[f32],
        gradient: &[f32],
    ) -> ([Vec<f32>; P], Vec<f32>, Vec<f32>) {
        let found = backward(self.activation, self.shape, &inputs, result, gradient);
        (found.parts, found.weight, found.bias)
    }
}

impl Operation<3, 1> for Affine<1> {
    type Saved = ();

    fn reads_results(&self) -> bool {
        self.activation == Activation::Tanh
    }

    fn forward(&self, [input, weight, bias]: [&[f32]; 3], _gradients: bool) -> ([Vec<f32>; 1], ()) {
        let inputs = Inputs {
            parts: [input],
            weight,
            bias,
        };
        ([forward(self.activation, self.shape, &inputs)], ())
    }

    fn backward(self, back: Back<'_, (), 3, 1>) -> [Vec<f32>; 3] {
        let [input, weight, bias] = back.inputs;
        let inputs = Inputs {
            parts: [input],
            weight,
            bias,
        };
        let ([input], weight, bias) = self.back(inputs, back.results[0], back.gradients[0]);
        [input, weight, bias]
    }
}

impl Operation<4, 1> for Affine<2> {
    type Saved = ();

    fn reads_results(&self) -> bool {
        self.activation == Activation::Tanh
    }

    fn forward(
        &self,
        [left, right, weight, bias]: [&[f32]; 4],
        _gradients: bool,
    ) -> ([Vec<f32>; 1], ()) {
        let inputs = Inputs {
            parts: [left, right],
            weight,
            bias,
        };
        ([forward(self.activation, self.shape, &inputs)], ())
    }

    fn backward(self, back: Back<'_, (), 4, 1>) -> [Vec<f32>; 4] {
        let [left, right, weight, bias] = back.inputs;
        let inputs = Inputs {
            parts: [left, right],
            weight,
            bias,
        };
        let ([left, right], weight, bias) = self.back(inputs, back.results[0], back.gradients[0]);
        [left, right, weight, bias]
    }
}

fn bias_operand(bias: Option<Tensor<1>>) -> Operand {
    bias.map_or_else(Operand::absent, Operand::new)
}

/// [`affine`] on the host.
fn fused(
    input: Tensor<2>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Tensor<2> {
    let [rows, size] = input.dims();
    let outputs = weight.dims()[1];
    let operation = Affine {
        activation,
        shape: Shape {
            rows,
            inputs: [size],
            outputs,
        },
    };
    let inputs = [
        Operand::new(input),
        Operand::new(weight),
        bias_operand(bias),
    ];
    let [output] = apply(operation, inputs, [&[rows, outputs]]);
    output.tensor()
}

/// [`affine_beside`] on the host.
fn fused_beside(
    left: Tensor<2>,
    right: Tensor<2>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Tensor<2> {
    let [rows, size] = left.dims();
    let outputs = weight.dims()[1];
    let operation = Affine {
        activation,
        shape: Shape {
            rows,
            inputs: [size, right.dims()[1]],
            outputs,
        },
    };
    let inputs = [
        Operand::new(left),
        Operand::new(right),
        Operand::new(weight),
        bias_operand(bias),
    ];
    let [output] = apply(operation, inputs, [&[rows, outputs]]);
    output.tensor()
}
