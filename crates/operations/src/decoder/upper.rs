//! The layers above the first, as one operand.
//!
//! A node of the autodiff graph has a fixed number of operands, a decoder any number of layers.

use burn::tensor::Tensor;
use network::cell::Cell;

use crate::cell::cpu::Parameters;
use crate::operands::{Listed, operands};
use crate::recurrent::Layer;

operands! {
    /// One of something for each parameter of a layer above the first.
    pub(super) struct Upper {
        /// `[hidden, gates * hidden]`
        input_weight,
        /// `[gates * hidden]`
        bias,
        /// `[hidden, gates * hidden]`
        hidden_weight,
    }
    with {
        parameters: Parameters,
    }
}

/// How many numbers each parameter of a layer has, if its gates' have as many as `parameters`.
pub(super) fn sizes(cell: Cell, hidden: usize, parameters: Parameters<usize>) -> Upper<usize> {
    let gates = cell.gates() * hidden;
    Upper {
        input_weight: hidden * gates,
        bias: gates,
        hidden_weight: hidden * gates,
        parameters,
    }
}

/// The parameters of `layers`, end to end.
pub(super) fn joined(layers: &[Layer]) -> Option<Tensor<1>> {
    let flat = |weight: &Tensor<2>| Some(weight.clone().flatten::<1>(0, 1));
    let parts = layers.iter().flat_map(|layer| {
        let parts = Upper {
            input_weight: flat(&layer.input_weight),
            bias: Some(layer.bias.clone()),
            hidden_weight: flat(&layer.recurrence.weight),
            parameters: layer.recurrence.parameters(),
        };
        parts.into_list().into_iter().flatten()
    });
    let parts: Vec<Tensor<1>> = parts.collect();
    (!parts.is_empty()).then(|| Tensor::cat(parts, 0))
}
