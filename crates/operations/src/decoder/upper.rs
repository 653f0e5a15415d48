//! The layers above the first, as one operand.
//!
//! A node of the autodiff graph has a fixed number of operands, a decoder any number of layers.

use burn::tensor::Tensor;
use network::cell::Cell;

use crate::recurrent::Layer;

/// One of something for each parameter of a layer above the first.
#[derive(Debug, Clone, Default)]
pub(super) struct Upper<T> {
    /// `[hidden, gates * hidden]`
    pub input_weight: T,
    /// `[gates * hidden]`
    pub bias: T,
    /// `[hidden, gates * hidden]`
    pub hidden_weight: T,
    /// `[hidden]`, for cells that have it.
    pub hidden_bias: T,
}

impl<T> Upper<T> {
    /// In the order in which they lie.
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> Upper<U> {
        Upper {
            input_weight: change(self.input_weight),
            bias: change(self.bias),
            hidden_weight: change(self.hidden_weight),
            hidden_bias: change(self.hidden_bias),
        }
    }

    /// In the same order.
    pub fn into_array(self) -> [T; 4] {
        [
            self.input_weight,
            self.bias,
            self.hidden_weight,
            self.hidden_bias,
        ]
    }
}

/// How many numbers each parameter of a layer has.
pub(super) fn sizes(cell: Cell, hidden: usize) -> Upper<usize> {
    let gates = cell.gates() * hidden;
    Upper {
        input_weight: hidden * gates,
        bias: gates,
        hidden_weight: hidden * gates,
        hidden_bias: if cell.has_hidden_bias() { hidden } else { 0 },
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
            hidden_bias: layer.recurrence.bias.clone(),
        };
        parts.into_array().into_iter().flatten()
    });
    let parts: Vec<Tensor<1>> = parts.collect();
    (!parts.is_empty()).then(|| Tensor::cat(parts, 0))
}
