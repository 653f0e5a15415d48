//! Affine layers on the CPU's own kernels.

use burn::tensor::Tensor;
use kernels::affine::{Activation, Inputs, Shape, backward, forward};

use crate::host::{Back, Operand, Operation, apply};

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

/// See [`super::affine`].
pub(super) fn fused(
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

/// See [`super::affine_beside`].
pub(super) fn fused_beside(
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
