//! Inputs of the decoder's walk.

use burn::tensor::Tensor;
use network::kind::Query;

use super::parameters::Decoder;
use crate::attention::Memory;
use crate::lengths::Lengths;

/// Memory that a decoder reads, and the weights of its states, contexts and fed vectors.
pub(super) struct Reading {
    pub memory: Memory,
    /// Of a state and a context.
    pub combine: Tensor<2>,
    /// Of what is fed to the next step.
    pub feed: Tensor<2>,
}

impl Reading {
    /// Of `batch` sentences, by a decoder that feeds. Contexts are left as the heads' side by side: W_o is part of the
    /// weights.
    pub fn new(decoder: &Decoder, memory: Option<&Memory>, batch: usize) -> Self {
        let combine = decoder.combine.weight.clone();
        let hidden = decoder.hidden_size();
        let Some(feed) = decoder.feed_weight.clone() else {
            unreachable!("a decoder that feeds nothing has no walk");
        };
        let heads = decoder
            .attention
            .as_ref()
            .and_then(|one| one.heads.as_ref());
        match (memory, heads) {
            (None, _) => Self::blank(combine, feed, [batch, hidden]),
            (Some(memory), None) => Self {
                memory: memory.clone(),
                combine,
                feed,
            },
            (Some(memory), Some(heads)) => {
                let [rows, columns] = combine.dims();
                let for_context = combine.clone().slice([hidden..rows, 0..columns]);
                let for_state = combine.slice([0..hidden, 0..columns]);
                let for_context = heads.before(for_context);
                Self {
                    memory: memory.clone(),
                    combine: Tensor::cat(vec![for_state, for_context], 0),
                    feed: match decoder.query {
                        Query::Before => heads.before(feed),
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
