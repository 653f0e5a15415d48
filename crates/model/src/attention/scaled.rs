//! Scaled dot-product attention.

use burn::module::Module;
use burn::tensor::Tensor;

use super::Energy;
use crate::initial::Initialiser;
use crate::linear::Linear;

/// q . k / sqrt(d), Vaswani et al. (2017), equation 1, for queries and keys of d units. The memory is
/// its own keys where it has the queries' size; else a matrix makes keys of it.
#[derive(Module, Debug)]
pub struct Scaled {
    /// W_k, `[memory, hidden]`, where the sizes differ.
    pub key: Option<Linear>,
    /// d.
    #[module(skip)]
    pub size: usize,
}

impl Scaled {
    /// For memory of `memory` units and queries of `hidden` units.
    pub fn new(initial: &Initialiser, memory: usize, hidden: usize) -> Self {
        let differ = memory != hidden;
        Self {
            key: differ.then(|| Linear::new(&initial.part("key"), memory, hidden, false)),
            size: hidden,
        }
    }

    /// 1 / sqrt(d).
    pub fn scale(&self) -> f64 {
        1.0 / (self.size as f64).sqrt()
    }
}

impl Energy for Scaled {
    fn keys(&self, memory: Tensor<3>) -> Tensor<3> {
        match &self.key {
            Some(key) => key.forward(memory),
            None => memory,
        }
    }

    fn energy(&self, query: Tensor<3>, keys: Tensor<3>, _coverage: Option<Tensor<3>>) -> Tensor<3> {
        query.matmul(keys.transpose()) * self.scale()
    }
}
