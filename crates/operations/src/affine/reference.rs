//! In plain tensor operations.

use burn::tensor::{Tensor, activation::sigmoid};

use super::cpu::Activation;

/// See [`super::affine`].
pub(super) fn affine(
    input: Tensor<2>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Tensor<2> {
    let mut output = input.matmul(weight);
    if let Some(bias) = bias {
        output = output + bias.unsqueeze();
    }
    match activation {
        Activation::Identity => output,
        Activation::Tanh => output.tanh(),
    }
}

/// See [`super::gate`].
pub(super) fn gate(sums: Tensor<2>) -> Tensor<2> {
    let size = sums.dims()[1] / 2;
    let gates = sigmoid(sums.clone().narrow(1, size, size));
    sums.narrow(1, 0, size) * gates
}
