//! A whole network in the form in which it searches.

mod conditional;

use network::{Input, Network, Values, tree};

use super::packed_encoder::PackedEncoder;
use super::{ConvDecoder, Decoder, Encoded, Memory, Packing, Precision, Writer};
use crate::favour::Favour;
use crate::steps::{Answer, Ask, Model, Steps};
use conditional::ConditionalDecoder;

/// A smaller decoder's steps take less time than sharing them out.
const WORTH_SHARING: usize = 1 << 16;

/// A network with packed weights.
#[derive(Debug)]
pub struct PackedNetwork {
    encoder: PackedEncoder,
    decoder: PackedDecoder,
    precision: Precision,
    threads: usize,
    longest_source: Option<usize>,
}

/// How it writes.
#[derive(Debug)]
enum PackedDecoder {
    Recurrent(Box<Decoder>),
    Conditional(Box<ConditionalDecoder>),
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

/// How many numbers the matrices of a decoder's layers and of the output layer have, the output layer's `words`.
fn step_size(decoder: &tree::Decoder<Values>, output: &tree::Output<Values>) -> usize {
    let layers: usize = match decoder {
        tree::Decoder::Recurrent(decoder) => {
            let layers = decoder.layers.iter();
            layers.map(|layer| layer.hidden_weight.data.len()).sum()
        }
        tree::Decoder::Conditional(decoder) => {
            let layers = decoder.layers.iter();
            layers.map(|layer| layer.hidden_weight.data.len()).sum()
        }
        tree::Decoder::Conv(decoder) => {
            let layers = decoder.convolutions.iter();
            layers.map(|layer| layer.weight.data.len()).sum()
        }
    };
    let words = output.weight.as_ref().unwrap_or(decoder.embedding());
    layers + words.data.len()
}

impl PackedNetwork {
    /// Packs a network.
    pub fn new(network: Network<Values>, precision: Precision, favour: Favour) -> Self {
        let Network {
            encoder,
            decoder,
            output,
        } = network;
        let packing = Packing {
            precision,
            few_rows: favour == Favour::Latency,
            threads: match step_size(&decoder, &output) < WORTH_SHARING {
                true => 1,
                false => rayon::current_num_threads(),
            },
        };
        let memory = encoder.memory_size();
        let longest_source = decoder.longest_source();
        let decoder = match decoder {
            tree::Decoder::Recurrent(decoder) => {
                let decoder = Decoder::new(*decoder, &output, memory, &packing);
                PackedDecoder::Recurrent(Box::new(decoder))
            }
            tree::Decoder::Conditional(decoder) => {
                let decoder = ConditionalDecoder::new(*decoder, &output, memory, &packing);
                PackedDecoder::Conditional(Box::new(decoder))
            }
            tree::Decoder::Conv(decoder) => {
                let decoder = ConvDecoder::new(*decoder, &output, memory, &packing);
                PackedDecoder::Convolutions(Box::new(decoder))
            }
        };
        Self {
            encoder: PackedEncoder::new(encoder, &packing),
            decoder,
            precision,
            threads: packing.threads,
            longest_source,
        }
    }
}

impl Model for PackedNetwork {
    fn lengths(&self, source: &Input<'_>) -> Vec<usize> {
        self.encoder.lengths(source)
    }

    fn start(&self, source: Input<'_>) -> Box<dyn Steps + '_> {
        let encoded = self.encoder.encode(source);
        match &self.decoder {
            PackedDecoder::Recurrent(decoder) => Box::new(Batch::start(&**decoder, encoded)),
            PackedDecoder::Conditional(decoder) => Box::new(Batch::start(&**decoder, encoded)),
            PackedDecoder::Convolutions(decoder) => Box::new(Batch::start(&**decoder, encoded)),
        }
    }

    fn longest_source(&self) -> Option<usize> {
        self.longest_source
    }

    fn is_packed(&self) -> bool {
        true
    }

    fn precision(&self) -> Precision {
        self.precision
    }

    fn threads(&self) -> usize {
        self.threads
    }
}
