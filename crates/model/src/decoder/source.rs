//! The parts of an encoded batch that a decoder reads.

use burn::module::Param;
use burn::tensor::{Int, Tensor};

use crate::attention::{Attention, Memory, Pool};
use crate::encoder::Encoded;
use operations::affine::{Activation, affine};

/// An encoded batch as a decoder uses it at every step.
#[derive(Debug, Clone)]
pub struct Source {
    /// For attention.
    pub memory: Option<Memory>,
    /// Contribution of the fixed context to each word, `[batch, ..]`: its share of the gates, `gates * hidden`
    /// numbers, or of a convolutional decoder's input, `hidden` numbers.
    pub context: Option<Tensor<2>>,
    /// The weights of a fixed context that was pooled, `[batch, source]`.
    pub pooled: Option<Tensor<2>>,
}

impl Source {
    /// Makes the memory of `attention` and the fixed context of `pool`; this context, which is the encoder's last
    /// state if nothing is pooled, goes through `weight`.
    pub(super) fn new(
        encoded: &Encoded,
        attention: Option<&Attention>,
        pool: Option<&Pool>,
        weight: Option<&Param<Tensor<2>>>,
    ) -> Self {
        let (memory, lengths) = (&encoded.memory, &encoded.lengths);
        let (fixed, pooled) = pool.map(|pool| pool.pool(memory, lengths)).unzip();
        let top = &encoded.states[encoded.states.len() - 1].hidden;
        let fixed = fixed.unwrap_or_else(|| top.clone());
        Self {
            memory: attention.map(|attention| attention.remember(memory.clone(), lengths)),
            context: weight.map(|weight| affine(fixed, weight.val(), None, Activation::Identity)),
            pooled,
        }
    }

    /// `values`, `[rows, ..]`, with what the fixed context adds; rows are beams of the batch's
    /// sentences (sentence-major).
    pub(super) fn add_context(&self, values: Tensor<2>) -> Tensor<2> {
        let Some(context) = &self.context else {
            return values;
        };
        let [rows, size] = values.dims();
        let batch = context.dims()[0];
        let beams = values.reshape([batch, rows / batch, size]);
        (beams + context.clone().unsqueeze_dim(1)).reshape([rows, size])
    }

    /// The weights of a pooled context for `rows` rows, `[rows, source]`.
    pub(super) fn pooled(&self, rows: usize) -> Option<Tensor<2>> {
        let weights = self.pooled.clone()?;
        let [batch, length] = weights.dims();
        let each = [batch, rows / batch, length];
        let weights = weights.unsqueeze_dim::<3>(1).expand(each);
        Some(weights.reshape([rows, length]))
    }

    /// Keeps the sentences of `indices`, in that order.
    pub fn select(&self, indices: &Tensor<1, Int>, host: &[usize]) -> Self {
        let pick = |values: &Tensor<2>| values.clone().select(0, indices.clone());
        Self {
            memory: self
                .memory
                .as_ref()
                .map(|memory| memory.select(indices, host)),
            context: self.context.as_ref().map(pick),
            pooled: self.pooled.as_ref().map(pick),
        }
    }
}
