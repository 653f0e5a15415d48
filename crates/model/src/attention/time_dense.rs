//! A layer over time whose weights multiply the source itself.

use burn::module::Module;
use burn::tensor::Tensor;

use super::pool::{TimeLayer, over_time};
use crate::initial::Initialiser;
use operations::lengths::Lengths;

/// For sources x of up to T positions and x' their transpose: a = softmax over time of (x' W + b), with W
/// `[T, T]` and b `[T]`; x times a' weighs each position's features, each for itself or, with a single
/// vector, all alike by their mean.
#[derive(Module, Debug)]
pub struct TimeDense {
    /// W and b.
    pub layer: TimeLayer,
    /// Whether the weights are averaged over the features.
    #[module(skip)]
    pub single: bool,
}

impl TimeDense {
    /// For sources of up to `positions` positions.
    pub fn new(initial: &Initialiser, positions: usize, single: bool) -> Self {
        Self {
            layer: TimeLayer::new(initial, positions),
            single,
        }
    }

    /// a' of a memory, both `[batch, time, features]`.
    pub fn weights(&self, memory: Tensor<3>, lengths: &Lengths) -> Tensor<3> {
        let shape = memory.dims();
        let weights = over_time(self.layer.energies(memory, lengths), lengths);
        match self.single {
            true => weights.mean_dim(2).expand(shape),
            false => weights,
        }
    }
}
