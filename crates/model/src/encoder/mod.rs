//! Encoders: from a source to the memory that attention reads.

mod conv;
mod image;
mod recurrent;

use burn::module::Module;
use burn::tensor::Tensor;

pub use conv::ConvEncoder;
pub use image::{ImageBlock, ImageEncoder};
pub use network::config::EncoderConfig;
pub use network::kind::{EncoderKind, InitialState};
pub use recurrent::{DirectedLayer, LearnedState, RecurrentEncoder};

use crate::cell::State;
use crate::dropout::Noise;
use crate::initial::Initialiser;
use network::Input;
use network::ModelConfig;
use operations::lengths::Lengths;

/// Output of an encoder for a batch.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// `[batch, source, memory]`; zero at padding.
    pub memory: Tensor<3>,
    /// The last state of each layer, both directions side by side, `[batch, memory]`.
    pub states: Vec<State>,
    /// Which positions are real.
    pub lengths: Lengths,
}

/// One member of the family.
#[derive(Module, Debug)]
pub enum Encoder {
    /// Recurrent layers of any cell.
    Recurrent(RecurrentEncoder),
    /// Gated convolutions.
    Conv(ConvEncoder),
    /// Convolutions over images.
    Image(ImageEncoder),
}

impl Encoder {
    /// The encoder that `config` describes, for a vocabulary of `vocabulary`.
    pub fn new(initial: &Initialiser, config: &ModelConfig, vocabulary: usize) -> Self {
        let initial = initial.part("encoder");
        let part = &config.encoder;
        match part.kind {
            EncoderKind::Rnn | EncoderKind::Gru | EncoderKind::Lstm => {
                Encoder::Recurrent(RecurrentEncoder::new(&initial, config, vocabulary))
            }
            EncoderKind::Conv => Encoder::Conv(ConvEncoder::new(&initial, config, vocabulary)),
            EncoderKind::Image => Encoder::Image(ImageEncoder::new(&initial, config)),
        }
    }

    /// Numbers of a vector of the memory.
    pub fn memory_size(&self) -> usize {
        match self {
            Encoder::Recurrent(encoder) => {
                let top = &encoder.layers[encoder.layers.len() - 1];
                let directions = 1 + usize::from(top.backward.is_some());
                directions * top.forward.hidden_size()
            }
            Encoder::Conv(encoder) => encoder.enter.weight.dims()[1],
            Encoder::Image(encoder) => encoder.enter.weight.dims()[1],
        }
    }

    /// Encodes a batch. With `noise`, units are dropped.
    ///
    /// # Panics
    /// When `source` is words and this encoder reads images, or the other way round.
    pub fn encode<'a>(&self, source: impl Into<Input<'a>>, noise: Option<&Noise>) -> Encoded {
        match (self, source.into()) {
            (Encoder::Recurrent(encoder), Input::Words(words)) => encoder.encode(words, noise),
            (Encoder::Conv(encoder), Input::Words(words)) => encoder.encode(words, noise),
            (Encoder::Image(encoder), Input::Images(images)) => encoder.encode(images, noise),
            (Encoder::Image(_), Input::Words(_)) => panic!("an image encoder reads no words"),
            (_, Input::Images(_)) => panic!("only an image encoder reads images"),
        }
    }

    /// How many positions of the memory each source has: its words, or the places of its grid.
    pub fn lengths(&self, source: &Input<'_>) -> Vec<usize> {
        match (self, source) {
            (Encoder::Image(encoder), Input::Images(images)) => encoder.lengths(images),
            (_, Input::Images(images)) => images.widths.to_vec(),
            (_, Input::Words(words)) => words.lengths.to_vec(),
        }
    }
}
