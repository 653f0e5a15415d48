//! How a packed model reads.

use burn::tensor::Tensor;
use kernels::search::{Encoded, Encoder as PackedEncoder, Packing};

use super::weights::encoder_weights;
use crate::encoder::Encoder;
use crate::host;
use crate::input::Input;
use crate::padded::Padded;

/// An encoder in the form in which it reads.
#[derive(Debug)]
pub(super) enum Reading {
    Packed(Box<PackedEncoder>),
    /// Convolutions, which read all positions at once anyway.
    Tensors(Box<Encoder>),
}

impl Reading {
    /// Packs an encoder that lies in the host's memory.
    pub fn new(encoder: &Encoder, packing: &Packing) -> Self {
        match encoder {
            Encoder::Recurrent(encoder) => {
                let weights = encoder_weights(encoder);
                Self::Packed(Box::new(PackedEncoder::new(weights, packing)))
            }
            encoder => Self::Tensors(Box::new(encoder.clone())),
        }
    }

    /// How many positions of the memory each source of a batch has.
    pub fn lengths(&self, source: &Input<'_>) -> Vec<usize> {
        match (self, source) {
            (Self::Tensors(encoder), source) => encoder.lengths(source),
            (Self::Packed(_), Input::Words(words)) => words.lengths.to_vec(),
            (Self::Packed(_), Input::Images(_)) => panic!("only an image encoder reads images"),
        }
    }

    /// Encodes a batch.
    ///
    /// # Panics
    /// When `source` is not what the encoder reads.
    pub fn encode(&self, source: Input<'_>) -> Encoded {
        match (self, source) {
            (Self::Tensors(encoder), source) => encode(encoder, source),
            (Self::Packed(encoder), Input::Words(words)) => encode_packed(encoder, words),
            (Self::Packed(_), Input::Images(_)) => panic!("only an image encoder reads images"),
        }
    }
}

fn encode_packed(encoder: &PackedEncoder, source: Padded<'_>) -> Encoded {
    let words: Vec<u32> = source.ids.iter().map(|&id| id as u32).collect();
    let sentences: Vec<&[u32]> = words
        .chunks(source.time.max(1))
        .zip(source.lengths)
        .map(|(row, &length)| &row[..length])
        .collect();
    encoder.encode(&sentences)
}

fn encode(encoder: &Encoder, source: Input<'_>) -> Encoded {
    let encoded = encoder.encode(source, None);
    let list = |values: &Tensor<2>| host::read(values.clone(), <[f32]>::to_vec);
    let states: Vec<_> = encoded
        .states
        .iter()
        .map(|state| {
            let cell = state.cell.as_ref().map_or_else(Vec::new, list);
            (list(&state.hidden), cell)
        })
        .collect();
    let lengths = encoded.lengths.host();
    host::consume(encoded.memory, |memory| {
        Encoded::new(memory, lengths, &states)
    })
}
