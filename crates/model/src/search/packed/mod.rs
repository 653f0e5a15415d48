//! Search over the CPU's own kernels, with weights packed once for a whole run.

mod convolution;
mod weights;

use burn::tensor::Tensor;
use kernels::parallel;
use kernels::search::{
    ConvDecoder, Decoder, Encoded, Encoder as PackedEncoder, Memory, Packing, Precision, Writer,
};
use weights::{decoder_weights, encoder_weights};

use super::steps::{Answer, Ask, Steps};
use crate::decoder;
use crate::encoder::Encoder;
use crate::host;
use crate::input::Input;
use crate::padded::Padded;
use crate::seq2seq::Seq2Seq;

/// A smaller decoder's steps take less time than sharing them out.
const WORTH_SHARING: usize = 1 << 16;

/// Up to so many rows, a product takes as long as its weights take to be read.
const FEW_ROWS: usize = 8;

/// A model in the form in which it searches.
#[derive(Debug)]
pub(super) struct PackedModel {
    encoder: Reading,
    decoder: Writing,
    threads: usize,
}

/// How it reads.
#[derive(Debug)]
enum Reading {
    Packed(Box<PackedEncoder>),
    /// Convolutions, which read all positions at once anyway.
    Tensors(Box<Encoder>),
}

/// How it writes.
#[derive(Debug)]
enum Writing {
    Recurrent(Box<Decoder>),
    Convolutions(Box<ConvDecoder>),
}

/// A batch of its sentences.
#[derive(Debug)]
struct Batch<'a, W: Writer> {
    writer: &'a W,
    memory: Memory,
    state: W::State,
}

impl<'a, W: Writer> Batch<'a, W> {
    fn start(writer: &'a W, encoded: Encoded) -> Self {
        let (memory, state) = writer.start(encoded);
        Self {
            writer,
            memory,
            state,
        }
    }
}

impl<W: Writer> Steps for Batch<'_, W> {
    fn step(&mut self, words: &[u32], parents: &[usize], ask: &Ask) -> Answer {
        self.writer
            .step(words, parents, &self.memory, &mut self.state, ask)
    }
}

impl PackedModel {
    /// Packs a model that lies in the host's memory.
    ///
    /// `rows` is the most rows of a step, sentences times beams.
    pub(super) fn new(model: &Seq2Seq, precision: Precision, rows: usize) -> Self {
        let (output, memory) = (&model.output, model.encoder.memory_size());
        let packing = |layers: usize, words: usize| Packing {
            precision,
            few_rows: rows <= FEW_ROWS,
            threads: match layers + words < WORTH_SHARING {
                true => 1,
                false => rayon::current_num_threads(),
            },
        };
        let (decoder, packing) = match &model.decoder {
            decoder::Decoder::Recurrent(recurrent) => {
                let weights = decoder_weights(memory, recurrent, output);
                let layers = weights.layers.iter().map(|layer| layer.hidden.len()).sum();
                let packing = packing(layers, weights.output.weight.len());
                let decoder = Decoder::new(weights, &packing);
                (Writing::Recurrent(Box::new(decoder)), packing)
            }
            decoder::Decoder::Conv(convolutions) => {
                let weights = convolution::decoder_weights(memory, convolutions, output);
                let layers = weights.layers.iter().map(|layer| layer.weight.len()).sum();
                let packing = packing(layers, weights.output.weight.len());
                let decoder = ConvDecoder::new(weights, &packing);
                (Writing::Convolutions(Box::new(decoder)), packing)
            }
        };
        Self {
            encoder: match &model.encoder {
                Encoder::Recurrent(encoder) => {
                    let weights = encoder_weights(encoder);
                    Reading::Packed(Box::new(PackedEncoder::new(weights, &packing)))
                }
                encoder => Reading::Tensors(Box::new(encoder.clone())),
            },
            decoder,
            threads: packing.threads,
        }
    }

    /// How many positions of the memory each source of a batch has.
    pub(super) fn lengths(&self, source: &Input<'_>) -> Vec<usize> {
        match (&self.encoder, source) {
            (Reading::Tensors(encoder), source) => encoder.lengths(source),
            (Reading::Packed(_), Input::Words(words)) => words.lengths.to_vec(),
            (Reading::Packed(_), Input::Images(_)) => panic!("only an image encoder reads images"),
        }
    }

    /// Encodes a batch.
    ///
    /// # Panics
    /// When `source` is not what the encoder reads.
    pub(super) fn start(&self, source: Input<'_>) -> Box<dyn Steps + '_> {
        let encoded = match (&self.encoder, source) {
            (Reading::Tensors(encoder), source) => encode(encoder, source),
            (Reading::Packed(encoder), Input::Words(words)) => encode_packed(encoder, words),
            (Reading::Packed(_), Input::Images(_)) => panic!("only an image encoder reads images"),
        };
        match &self.decoder {
            Writing::Recurrent(decoder) => Box::new(Batch::start(&**decoder, encoded)),
            Writing::Convolutions(decoder) => Box::new(Batch::start(&**decoder, encoded)),
        }
    }

    /// Does `work` with all threads that share the steps awake.
    pub(super) fn awake<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match self.threads {
            1 => work(),
            _ => parallel::inside(work),
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
