//! Multi-head attention.

use burn::module::Module;
use burn::tensor::{Tensor, activation::softmax};

use super::{Memory, penalty};
use crate::initial::Initialiser;
use crate::linear::Linear;

/// Scaled dot products of several projections side by side, Vaswani et al. (2017), section 3.2.2:
/// [head_1; ..; head_n] W_o with head_j = softmax(q W_q^j (m W_k^j)^T / sqrt(d)) m W_v^j, where each
/// head has d = hidden / n units. Its weights are the mean of the heads'.
#[derive(Module, Debug)]
pub struct MultiHead {
    /// The heads' W_q side by side, `[hidden, hidden]`.
    pub query: Linear,
    /// The heads' W_k side by side, `[memory, hidden]`.
    pub key: Linear,
    /// The heads' W_v side by side, `[memory, hidden]`.
    pub value: Linear,
    /// W_o, `[hidden, hidden]`.
    pub output: Linear,
    /// How many.
    #[module(skip)]
    pub heads: usize,
}

impl MultiHead {
    /// For memory of `memory` units and queries of `hidden` units, which `heads` divides.
    pub fn new(initial: &Initialiser, memory: usize, hidden: usize, heads: usize) -> Self {
        let linear = |name, input| Linear::new(&initial.part(name), input, hidden, false);
        Self {
            query: linear("query", hidden),
            key: linear("key", memory),
            value: linear("value", memory),
            output: linear("output", hidden),
            heads,
        }
    }

    /// 1 / sqrt(d).
    pub fn scale(&self) -> f64 {
        let units = self.query.weight.dims()[1] / self.heads;
        1.0 / (units as f64).sqrt()
    }

    /// `[batch, positions, hidden]` to `[batch, heads, positions, hidden / heads]`.
    pub(crate) fn split(&self, values: Tensor<3>) -> Tensor<4> {
        let [batch, positions, size] = values.dims();
        let heads = self.heads;
        values
            .reshape([batch, positions, heads, size / heads])
            .swap_dims(1, 2)
    }

    /// Answers queries `[batch, queries, hidden]`: contexts `[batch, queries, hidden]` and weights
    /// `[batch, queries, source]`.
    pub(super) fn answer(&self, query: Tensor<3>, memory: &Memory) -> (Tensor<3>, Tensor<3>) {
        let shape = query.dims();
        let queries = self.split(self.query.forward(query));
        let keys = self.split(memory.keys.clone());
        let values = self.split(memory.values.clone());
        let mut energy = queries.matmul(keys.transpose()) * self.scale();
        if let Some(penalty) = penalty(&memory.lengths) {
            energy = energy + penalty.unsqueeze_dim(1);
        }
        let weights = softmax(energy, 3);
        let [batch, _, queries, source] = weights.dims();
        let heads = weights.clone().matmul(values).swap_dims(1, 2);
        let context = self.output.forward(heads.reshape(shape));
        let mean = weights.mean_dim(1).reshape([batch, queries, source]);
        (context, mean)
    }
}
