//! Bahdanau's additive attention.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::Energy;
use crate::initial::Initialiser;
use crate::linear::Linear;

/// v . tanh(W_k m + W_q q + b), Bahdanau et al. (2015), appendix A.1.2; with coverage
/// v . tanh(W_k m + W_q q + w_c c + b), where c is the sum of the weights that the position has had in
/// the steps before (See et al. 2017, equation 11).
#[derive(Module, Debug)]
pub struct Additive {
    /// W_k, `[memory, key]`.
    pub key: Linear,
    /// W_q and b, `[hidden, key]`.
    pub query: Linear,
    /// v, `[key]`.
    pub energy: Param<Tensor<1>>,
    /// w_c, `[key]`, with coverage.
    pub coverage: Option<Param<Tensor<1>>>,
}

impl Additive {
    /// For memory of `memory` units; keys have the size of the queries, `hidden`.
    pub fn new(initial: &Initialiser, memory: usize, hidden: usize, covers: bool) -> Self {
        Self {
            key: Linear::new(&initial.part("key"), memory, hidden, false),
            query: Linear::new(&initial.part("query"), hidden, hidden, true),
            energy: energy_vector(initial, hidden),
            coverage: covers.then(|| coverage_vector(initial, hidden)),
        }
    }
}

/// The vector v that turns a key-sized layer into a number.
pub(super) fn energy_vector(initial: &Initialiser, size: usize) -> Param<Tensor<1>> {
    let bound = (6.0 / (size + 1) as f32).sqrt();
    initial.vector(initial.numbers("energy", size, bound))
}

/// The vector w_c that a position's coverage is multiplied by.
pub(super) fn coverage_vector(initial: &Initialiser, size: usize) -> Param<Tensor<1>> {
    let bound = (6.0 / (size + 1) as f32).sqrt();
    initial.vector(initial.numbers("coverage", size, bound))
}

/// v . tanh(query + key + w_c c) for each pair: `[batch, queries, key]` and `[batch, source, key]` to
/// `[batch, queries, source]`; c, `[batch, queries, source]`, comes with w_c.
pub(super) fn tanh_energy(
    query: Tensor<3>,
    keys: Tensor<3>,
    vector: Tensor<1>,
    coverage: Option<(Tensor<3>, Tensor<1>)>,
) -> Tensor<3> {
    let [batch, queries, size] = query.dims();
    let source = keys.dims()[1];
    let mut sum = query.unsqueeze_dim::<4>(2) + keys.unsqueeze_dim(1);
    if let Some((coverage, weight)) = coverage {
        sum = sum + coverage.unsqueeze_dim::<4>(3) * weight.reshape([1, 1, 1, size]);
    }
    sum.tanh()
        .reshape([batch * queries * source, size])
        .matmul(vector.unsqueeze_dim(1))
        .reshape([batch, queries, source])
}

impl Energy for Additive {
    fn keys(&self, memory: Tensor<3>) -> Tensor<3> {
        self.key.forward(memory)
    }

    fn energy(&self, query: Tensor<3>, keys: Tensor<3>, coverage: Option<Tensor<3>>) -> Tensor<3> {
        let weight = self.coverage.as_ref().map(|weight| weight.val());
        let query = self.query.forward(query);
        tanh_energy(query, keys, self.energy.val(), coverage.zip(weight))
    }
}
