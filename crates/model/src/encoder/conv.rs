//! The convolutional encoder.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::Encoded;
use crate::cell::State;
use crate::convolution::{Convolution, HALF};
use crate::dropout::{Noise, dropout, layer_dropout};
use crate::embedding::{embed, embedding_table};
use crate::initial::Initialiser;
use crate::linear::Linear;
use crate::positions::Positions;
use network::ModelConfig;
use network::Padded;
use operations::join::{Order, join};
use operations::lengths::Lengths;

/// Embeddings with learned positions and a stack of gated convolutions (Gehring et al. 2017). With
/// e = W_e (word + position) + b_e, x^0 = e and GC for convolution and gated linear unit,
///
/// x^l = (GC(x^(l-1)) + x^(l-1)) * sqrt(0.5), and the memory is m = (x^L + e) * sqrt(0.5).
///
/// Around a sentence stand zeros. The paper's attention has x^L as keys and x^L + e as values; here
/// m serves as both, as every attention of the family wants it. The state for bridges is the mean
/// of m over the sentence.
#[derive(Module, Debug)]
pub struct ConvEncoder {
    /// `[vocabulary, embedding]`.
    pub embedding: Param<Tensor<2>>,
    /// Vectors of `embedding` numbers.
    pub positions: Positions,
    /// W_e and b_e, `[embedding, memory]`.
    pub enter: Linear,
    /// Bottom layer first.
    pub convolutions: Vec<Convolution>,
}

impl ConvEncoder {
    /// The encoder that `config` describes, for a vocabulary of `vocabulary`.
    pub fn new(initial: &Initialiser, config: &ModelConfig, vocabulary: usize) -> Self {
        let part = &config.encoder;
        let (embedding, size) = (config.embedding_size, part.memory_size(config.hidden_size));
        let keep = 1.0 - config.layer_dropout();
        let layer = |layer| {
            let initial = initial.part(&format!("convolutions.{layer}"));
            Convolution::new(&initial, part.kernel_width(), size, keep)
        };
        Self {
            embedding: embedding_table(initial, vocabulary, embedding),
            positions: Positions::new(initial, "positions", part.max_positions(), embedding),
            enter: Linear::new(&initial.part("enter"), embedding, size, true),
            convolutions: (0..part.layers).map(layer).collect(),
        }
    }

    /// Encodes a batch of sentences. With `noise`, units are dropped.
    pub fn encode(&self, source: Padded<'_>, noise: Option<&Noise>) -> Encoded {
        let device = self.embedding.device();
        let lengths = Lengths::new(source.lengths, source.time, &device);
        let words = embed(&self.embedding, source, None);
        let positions = self.positions.vectors(0, source.time).unsqueeze_dim(1);
        let embedded = dropout(words + positions, noise);
        let entered = lengths.clear(self.enter.forward(embedded));
        let mut values = entered.clone();
        let [_, rows, size] = values.dims();
        for convolution in &self.convolutions {
            let around = convolution.width() - 1;
            let zeros = |count| Tensor::zeros([count, rows, size], &device);
            // As PyTorch pads to "same".
            let (before, behind) = (around / 2, around - around / 2);
            let input = layer_dropout(values.clone(), noise);
            let padded = match around {
                0 => input,
                1 => Tensor::cat(vec![input, zeros(behind)], 0),
                _ => Tensor::cat(vec![zeros(before), input, zeros(behind)], 0),
            };
            values = lengths.clear((convolution.forward(padded) + values) * HALF);
        }
        let memory = (values + entered) * HALF;
        let hidden = lengths.mean(memory.clone());
        Encoded {
            memory: join(memory, None, Order::BatchMajor),
            states: vec![State { hidden, cell: None }],
            lengths,
        }
    }
}
