//! Dot-product attention.

use burn::module::Module;
use burn::tensor::Tensor;

use super::Energy;

/// q . m, Luong et al. (2015), equation 8.
#[derive(Module, Debug)]
pub struct Dot;

impl Energy for Dot {
    fn keys(&self, memory: Tensor<3>) -> Tensor<3> {
        memory
    }

    fn energy(&self, query: Tensor<3>, keys: Tensor<3>, _coverage: Option<Tensor<3>>) -> Tensor<3> {
        query.matmul(keys.transpose())
    }
}
