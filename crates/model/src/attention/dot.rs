//! Dot-product attention.

use burn::module::Module;
use burn::tensor::Tensor;

use super::Energy;

/// q . m, Luong et al. (2015), equation 8.
#[derive(Module, Debug)]
pub struct Dot {
    /// What the product is multiplied by.
    #[module(skip)]
    pub scale: f64,
}

impl Dot {
    /// A dot product times `scale`.
    pub fn new(scale: f64) -> Self {
        Self { scale }
    }
}

impl Energy for Dot {
    fn keys(&self, memory: Tensor<3>) -> Tensor<3> {
        memory
    }

    fn energy(&self, query: Tensor<3>, keys: Tensor<3>) -> Tensor<3> {
        let energy = query.matmul(keys.transpose());
        if self.scale == 1.0 {
            return energy;
        }
        energy * self.scale
    }
}
