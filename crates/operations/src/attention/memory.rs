//! Memory that attention reads, and the steps before, as far as attention depends on them.

use burn::tensor::{Int, Tensor};

use crate::lengths::Lengths;

/// An encoded batch, ready for queries.
#[derive(Debug, Clone)]
pub struct Memory {
    /// Values that contexts are sums of, `[batch, source, context]`: the memory itself but for multi-head
    /// attention.
    pub values: Tensor<3>,
    /// `[batch, source, key]`.
    pub keys: Tensor<3>,
    /// Which positions are real.
    pub lengths: Lengths,
}

impl Memory {
    /// Keeps the sentences of `indices`, in that order.
    pub fn select(&self, indices: &Tensor<1, Int>, host: &[usize]) -> Self {
        Self {
            values: self.values.clone().select(0, indices.clone()),
            keys: self.keys.clone().select(0, indices.clone()),
            lengths: self.lengths.select(indices, host),
        }
    }
}

/// The steps before, as far as attention depends on them.
#[derive(Debug, Clone)]
pub struct Past {
    /// How many there were.
    pub steps: usize,
    /// The sum of their weights, `[rows, source]`; attention with coverage only.
    pub coverage: Option<Tensor<2>>,
}

impl Past {
    /// Before the first step of `rows` rows over `source` positions; `covers` says whether weights are
    /// added up.
    pub fn none(rows: usize, source: usize, covers: bool, like: &Tensor<3>) -> Self {
        Self {
            steps: 0,
            coverage: covers.then(|| Tensor::zeros([rows, source], &like.device())),
        }
    }

    /// With one step more, that had `weights`, `[rows, source]`.
    pub fn and(self, weights: &Tensor<2>) -> Self {
        Self {
            steps: self.steps + 1,
            coverage: self.coverage.map(|sum| sum + weights.clone()),
        }
    }

    /// Keeps the rows of `indices`, in that order.
    pub fn select(self, indices: &Tensor<1, Int>) -> Self {
        Self {
            steps: self.steps,
            coverage: self.coverage.map(|sum| sum.select(0, indices.clone())),
        }
    }
}
