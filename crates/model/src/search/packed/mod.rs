//! Search over the CPU's own kernels, with weights packed once for a whole run.

mod convolution;
mod reading;
mod weights;

use kernels::parallel;
use kernels::search::{ConvDecoder, Decoder, Encoded, Memory, Packing, Precision, Writer};
use reading::Reading;
use weights::decoder_weights;

use super::favour::Favour;
use super::steps::{Answer, Ask, Steps};
use crate::decoder;
use crate::input::Input;
use crate::seq2seq::Seq2Seq;

/// A smaller decoder's steps take less time than sharing them out.
const WORTH_SHARING: usize = 1 << 16;

/// A model in the form in which it searches.
#[derive(Debug)]
pub(super) struct PackedModel {
    encoder: Reading,
    decoder: Writing,
    threads: usize,
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
    pub(super) fn new(model: &Seq2Seq, precision: Precision, favour: Favour) -> Self {
        let (output, memory) = (&model.output, model.encoder.memory_size());
        let packing = |layers: usize, words: usize| Packing {
            precision,
            few_rows: favour == Favour::Latency,
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
            encoder: Reading::new(&model.encoder, &packing),
            decoder,
            threads: packing.threads,
        }
    }

    /// How many positions of the memory each source of a batch has.
    pub(super) fn lengths(&self, source: &Input<'_>) -> Vec<usize> {
        self.encoder.lengths(source)
    }

    /// Encodes a batch.
    ///
    /// # Panics
    /// When `source` is not what the encoder reads.
    pub(super) fn start(&self, source: Input<'_>) -> Box<dyn Steps + '_> {
        let encoded = self.encoder.encode(source);
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
