//! The recurrent encoder.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::{Encode, Encoded};
use crate::cell::{Cell, RecurrentLayer, State};
use crate::dropout::{Noise, layer_dropout};
use crate::embedding::{embed, embedding_table};
use crate::initial::Initialiser;
use crate::padded::{Lengths, Padded};
use crate::sequence::{self, Order};

/// One layer in one or two directions.
#[derive(Module, Debug)]
pub struct DirectedLayer {
    /// From the first token to the last.
    pub forward: RecurrentLayer,
    /// From each sentence's own last token to the first.
    pub backward: Option<RecurrentLayer>,
}

/// Embedding and recurrent layers of any cell, in one direction or two.
#[derive(Module, Debug)]
pub struct RecurrentEncoder {
    /// `[vocabulary, embedding]`.
    pub embedding: Param<Tensor<2>>,
    /// Bottom layer first.
    pub layers: Vec<DirectedLayer>,
}

impl RecurrentEncoder {
    /// An encoder whose memory has `size` units, both directions together.
    pub fn new(
        initial: &Initialiser,
        cell: Cell,
        vocabulary: usize,
        embedding: usize,
        size: usize,
        layers: usize,
        bidirectional: bool,
    ) -> Self {
        let hidden = if bidirectional { size / 2 } else { size };
        let layers = (0..layers)
            .map(|layer| {
                let initial = initial.part(&format!("layers.{layer}"));
                let input = if layer == 0 { embedding } else { size };
                let direction =
                    |name| RecurrentLayer::new(&initial.part(name), cell, input, hidden);
                DirectedLayer {
                    forward: direction("forward"),
                    backward: bidirectional.then(|| direction("backward")),
                }
            })
            .collect();
        Self {
            embedding: embedding_table(initial, vocabulary, embedding),
            layers,
        }
    }
}

impl Encode for RecurrentEncoder {
    fn encode(&self, source: Padded<'_>, noise: Option<&Noise>) -> Encoded {
        let lengths = Lengths::new(source.lengths, source.time, &self.embedding.device());
        let mut values = embed(&self.embedding, source, noise);
        let mut states = Vec::with_capacity(self.layers.len());
        let top = self.layers.len() - 1;
        for (depth, layer) in self.layers.iter().enumerate() {
            // Attention reads whole sentences.
            let order = if depth == top {
                Order::BatchMajor
            } else {
                Order::TimeMajor
            };
            if depth > 0 {
                values = layer_dropout(values, noise);
            }
            let run = |layer: &RecurrentLayer, reverse| {
                let start = layer.zero_state(source.rows());
                sequence::recurrent(layer, values.clone(), &lengths, reverse, start)
            };
            let (forward, last) = run(&layer.forward, false);
            let Some(backward) = &layer.backward else {
                values = sequence::join(forward, None, order);
                states.push(last);
                continue;
            };
            let (backward, first) = run(backward, true);
            values = sequence::join(forward, Some(backward), order);
            let join = |left: Tensor<2>, right: Tensor<2>| Tensor::cat(vec![left, right], 1);
            states.push(State {
                hidden: join(last.hidden, first.hidden),
                cell: last
                    .cell
                    .zip(first.cell)
                    .map(|(left, right)| join(left, right)),
            });
        }
        Encoded {
            memory: values,
            states,
            lengths,
        }
    }
}
