//! Luong's concatenated attention.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::Energy;
use super::additive::{coverage_vector, energy_vector, tanh_energy};
use crate::initial::Initialiser;
use crate::linear::Linear;

/// v . tanh(W [q ; m]), Luong et al. (2015), equation 8. The two halves of W are kept apart, so that
/// the memory's half is multiplied once a sentence. Coverage enters as in [`super::Additive`].
#[derive(Module, Debug)]
pub struct Concat {
    /// The memory's half of W, `[memory, key]`.
    pub key: Linear,
    /// The query's half of W, `[hidden, key]`.
    pub query: Linear,
    /// v, `[key]`.
    pub energy: Param<Tensor<1>>,
    /// w_c, `[key]`, with coverage.
    pub coverage: Option<Param<Tensor<1>>>,
}

impl Concat {
    /// For memory of `memory` units; keys have the size of the queries, `hidden`.
    pub fn new(initial: &Initialiser, memory: usize, hidden: usize, covers: bool) -> Self {
        Self {
            key: Linear::new(&initial.part("key"), memory, hidden, false),
            query: Linear::new(&initial.part("query"), hidden, hidden, false),
            energy: energy_vector(initial, hidden),
            coverage: covers.then(|| coverage_vector(initial, hidden)),
        }
    }
}

impl Energy for Concat {
    fn keys(&self, memory: Tensor<3>) -> Tensor<3> {
        self.key.forward(memory)
    }

    fn energy(&self, query: Tensor<3>, keys: Tensor<3>, coverage: Option<Tensor<3>>) -> Tensor<3> {
        let weight = self.coverage.as_ref().map(|weight| weight.val());
        let query = self.query.forward(query);
        tanh_energy(query, keys, self.energy.val(), coverage.zip(weight))
    }
}
