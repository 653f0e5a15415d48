//! How a packed network reads.

use network::{Input, Padded, Values, tree};

use super::conv_encoder::ConvEncoder;
use super::encoder::{Encoded, Encoder};
use super::image_encoder::ImageEncoder;
use super::weight::Packing;

/// An encoder in the form in which it reads.
#[derive(Debug)]
pub(super) enum PackedEncoder {
    Recurrent(Box<Encoder>),
    Convolutions(Box<ConvEncoder>),
    Images(Box<ImageEncoder>),
}

impl PackedEncoder {
    /// Packs an encoder.
    pub(super) fn new(encoder: tree::Encoder<Values>, packing: &Packing) -> Self {
        match encoder {
            tree::Encoder::Recurrent(encoder) => {
                Self::Recurrent(Box::new(Encoder::new(encoder, packing)))
            }
            tree::Encoder::Conv(encoder) => {
                Self::Convolutions(Box::new(ConvEncoder::new(encoder, packing)))
            }
            tree::Encoder::Image(encoder) => {
                Self::Images(Box::new(ImageEncoder::new(encoder, packing)))
            }
        }
    }

    /// How many positions of the memory each source of a batch has.
    pub(super) fn lengths(&self, source: &Input<'_>) -> Vec<usize> {
        match (self, source) {
            (Self::Images(encoder), Input::Images(images)) => encoder.lengths(images),
            (_, Input::Images(images)) => images.widths.to_vec(),
            (_, Input::Words(words)) => words.lengths.to_vec(),
        }
    }

    /// Encodes a batch.
    ///
    /// # Panics
    /// When `source` is not what the encoder reads.
    pub(super) fn encode(&self, source: Input<'_>) -> Encoded {
        match (self, source) {
            (Self::Recurrent(encoder), Input::Words(words)) => {
                encoder.encode(&sentences(words, &numbers(words)))
            }
            (Self::Convolutions(encoder), Input::Words(words)) => {
                encoder.encode(&sentences(words, &numbers(words)))
            }
            (Self::Images(encoder), Input::Images(images)) => encoder.encode(&images),
            (Self::Images(_), Input::Words(_)) => panic!("an image encoder reads no words"),
            (_, Input::Images(_)) => panic!("only an image encoder reads images"),
        }
    }
}

/// The ids of a batch.
fn numbers(words: Padded<'_>) -> Vec<u32> {
    words.ids.iter().map(|&id| id as u32).collect()
}

/// The real words of each sentence.
fn sentences<'a>(words: Padded<'_>, ids: &'a [u32]) -> Vec<&'a [u32]> {
    ids.chunks(words.time.max(1))
        .zip(words.lengths)
        .map(|(row, &length)| &row[..length])
        .collect()
}
