//! What the decoder's kernels read.

use burn::tensor::Tensor;

use super::super::{Activation, affine};
use crate::attention::{Memory, MultiHead, Query};
use crate::decoder::{RecurrentDecoder, Source};
use crate::padded::Lengths;

/// `weight`, `[hidden, columns]`, which multiplies contexts, for contexts of which the kernels leave the heads side by
/// side: W_o `weight`. Multi-head attention has no biases.
fn after_joining(member: &MultiHead, weight: Tensor<2>) -> Tensor<2> {
    affine(
        member.output.weight.val(),
        weight,
        None,
        Activation::Identity,
    )
}

/// What a decoder reads, and the weights that what is read of it is multiplied by.
pub(super) struct Reading {
    pub memory: Memory,
    /// Of a state and a context.
    pub combine: Tensor<2>,
    /// Of what is fed to the next step.
    pub feed: Tensor<2>,
}

impl Reading {
    /// Of `batch` sentences.
    pub fn new(
        decoder: &RecurrentDecoder,
        feed: Tensor<2>,
        source: &Source,
        heads: Option<&MultiHead>,
        batch: usize,
    ) -> Self {
        let combine = decoder.combine.weight.val();
        let hidden = decoder.hidden_size();
        match (&source.memory, heads) {
            (None, _) => Self::blank(combine, feed, [batch, hidden]),
            (Some(memory), None) => Self {
                memory: memory.clone(),
                combine,
                feed,
            },
            (Some(memory), Some(member)) => {
                let [rows, columns] = combine.dims();
                let for_context = combine.clone().slice([hidden..rows, 0..columns]);
                let for_state = combine.slice([0..hidden, 0..columns]);
                let for_context = after_joining(member, for_context);
                Self {
                    memory: memory.clone(),
                    combine: Tensor::cat(vec![for_state, for_context], 0),
                    feed: match decoder.query {
                        Query::Before => after_joining(member, feed),
                        Query::After => feed,
                    },
                }
            }
        }
    }

    /// Of a memory that is none: it has one position, which holds a zero, and its context is that zero.
    fn blank(combine: Tensor<2>, feed: Tensor<2>, [batch, hidden]: [usize; 2]) -> Self {
        let device = combine.device();
        let row = Tensor::zeros([1, hidden], &device);
        Self {
            memory: Memory {
                values: Tensor::zeros([batch, 1, 1], &device),
                keys: Tensor::zeros([batch, 1, hidden], &device),
                lengths: Lengths::new(&vec![1; batch], 1, &device),
            },
            combine: Tensor::cat(vec![combine, row], 0),
            feed,
        }
    }
}
