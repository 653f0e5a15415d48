//! Attention step by step as part of an operation on the host: its operands, and what it knows beside them.

use burn::tensor::Tensor;
use network::{Energy, Reach};

use super::cpu::steps::{Gradients, Inputs};
use super::memory::Memory;
use super::tensors::Attention;
use crate::host::Operand;
use crate::operands::operands;

operands! {
    /// One of something for each operand.
    pub(crate) struct Asked {
        memory,
        keys,
        query_weight,
        query_bias,
        vector,
        coverage,
        position_weight,
        position_vector,
    }
}

impl Asked<Operand> {
    /// Of an `attention` that asks `memory`.
    pub fn new(attention: &Attention, memory: &Memory) -> Self {
        let query = attention.query.clone();
        let (query_weight, query_bias) = query.map(|query| (query.weight, query.bias)).unzip();
        let (position_weight, position_vector) = match attention.reach.clone() {
            Reach::Predictive { weight, vector, .. } => (Some(weight), Some(vector)),
            Reach::Everywhere | Reach::Monotonic { .. } => (None, None),
        };
        let zeros = || Tensor::zeros([memory.keys.dims()[2]], &memory.keys.device());
        let additive = attention.energy.is_additive();
        Self {
            memory: attention.by_head(&memory.values),
            keys: attention.by_head(&memory.keys),
            query_weight: Operand::maybe(query_weight),
            query_bias: Operand::maybe(
                additive.then(|| query_bias.flatten().unwrap_or_else(zeros)),
            ),
            vector: Operand::maybe(attention.energy.clone().vector()),
            coverage: Operand::maybe(attention.coverage.clone()),
            position_weight: Operand::maybe(position_weight),
            position_vector: Operand::maybe(position_vector),
        }
    }
}

impl From<Gradients> for Asked<Vec<f32>> {
    fn from(found: Gradients) -> Self {
        Self {
            memory: found.memory,
            keys: found.keys,
            query_weight: found.query_weight,
            query_bias: found.query_bias,
            vector: found.vector,
            coverage: found.coverage,
            position_weight: found.position_weight,
            position_vector: found.position_vector,
        }
    }
}

/// What is known beside the operands.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    lengths: Vec<usize>,
    energy: Energy<()>,
    reach: Reach<()>,
}

impl Asking {
    /// Of an `attention` that asks `memory`.
    pub fn new(attention: &Attention, memory: &Memory) -> Self {
        Self {
            lengths: memory.lengths.host().to_vec(),
            energy: attention.energy.as_ref().map(|_| ()),
            reach: attention.reach.clone().map(|_| (), |_| ()),
        }
    }

    /// Inputs of the CPU's walk.
    pub fn inputs<'a>(&'a self, given: Asked<&'a [f32]>) -> Inputs<'a> {
        Inputs {
            memory: given.memory,
            keys: given.keys,
            lengths: &self.lengths,
            query_weight: given.query_weight,
            query_bias: given.query_bias,
            energy: self.energy.map(|()| given.vector),
            coverage: given.coverage,
            reach: self
                .reach
                .map(|()| given.position_weight, |()| given.position_vector),
        }
    }
}
