//! Luong's bilinear attention.

use burn::module::Module;
use burn::tensor::Tensor;

use super::Energy;
use crate::initial::Initialiser;
use crate::linear::Linear;

/// q . (W_k m), Luong et al. (2015), equation 8.
#[derive(Module, Debug)]
pub struct General {
    /// W_k, `[memory, hidden]`.
    pub key: Linear,
}

impl General {
    /// For memory of `memory` units and queries of `hidden` units.
    pub fn new(initial: &Initialiser, memory: usize, hidden: usize) -> Self {
        Self {
            key: Linear::new(&initial.part("key"), memory, hidden, false),
        }
    }
}

impl Energy for General {
    fn keys(&self, memory: Tensor<3>) -> Tensor<3> {
        self.key.forward(memory)
    }

    fn energy(&self, query: Tensor<3>, keys: Tensor<3>, _coverage: Option<Tensor<3>>) -> Tensor<3> {
        query.matmul(keys.transpose())
    }
}
