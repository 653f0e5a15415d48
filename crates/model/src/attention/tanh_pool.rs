//! A pooling by a layer over time with a hyperbolic tangent.

use burn::module::Module;
use burn::tensor::Tensor;

use super::pool::{TimeLayer, over_time};
use crate::initial::Initialiser;
use operations::lengths::Lengths;

/// For sources x of up to T positions and x' their transpose: a = softmax over time of tanh(x' W + b), with
/// W `[T, T]` and b `[T]`; the sum over time of x times a' is the context.
#[derive(Module, Debug)]
pub struct TanhPool {
    /// W and b.
    pub layer: TimeLayer,
}

impl TanhPool {
    /// For sources of up to `positions` positions.
    pub fn new(initial: &Initialiser, positions: usize) -> Self {
        Self {
            layer: TimeLayer::new(initial, positions),
        }
    }

    /// a' of a memory, both `[batch, time, features]`.
    pub fn weights(&self, memory: Tensor<3>, lengths: &Lengths) -> Tensor<3> {
        over_time(self.layer.energies(memory, lengths).tanh(), lengths)
    }
}
