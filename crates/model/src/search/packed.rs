//! Search over the CPU's own kernels, with weights packed once for a whole run.

use burn::module::Param;
use burn::tensor::Tensor;
use kernels::parallel;
use kernels::search::{
    AttentionWeights, BridgeWeights, Decoder, DecoderWeights, Encoder as PackedEncoder,
    EncoderWeights, Energy, LayerWeights, Memory, OutputWeights, Packing, Precision, State,
};

use super::steps::{Answer, Ask, Steps};
use crate::attention::{Attention, Query};
use crate::bridge::{Bridge, BridgeKind};
use crate::cell::RecurrentLayer;
use crate::decoder::{self, RecurrentDecoder};
use crate::encoder::{Encoder, RecurrentEncoder};
use crate::host;
use crate::linear::Linear;
use crate::output::Output;
use crate::padded::Padded;
use crate::seq2seq::Seq2Seq;
use crate::sequence::kernel;

/// A smaller decoder's steps take less time than sharing them out.
const WORTH_SHARING: usize = 1 << 16;

/// Up to so many rows, a product takes as long as its weights take to be read.
const FEW_ROWS: usize = 8;

/// A model in the form in which it searches.
#[derive(Debug)]
pub(super) struct PackedModel {
    encoder: PackedEncoder,
    decoder: Decoder,
    threads: usize,
}

/// A batch of its sentences.
#[derive(Debug)]
struct Batch<'a> {
    decoder: &'a Decoder,
    memory: Memory,
    state: State,
}

impl Steps for Batch<'_> {
    fn step(&mut self, words: &[u32], parents: &[usize], ask: &Ask) -> Answer {
        self.decoder
            .step(words, parents, &self.memory, &mut self.state, ask)
    }
}

impl PackedModel {
    /// Packs a model that lies in the host's memory; `None` where the kernels have no such model:
    /// convolutions, residual connections, normalised layers, learned first states of the encoder,
    /// attentions of several heads, of windows, with coverage or over time.
    ///
    /// `rows` is the most rows of a step, sentences times beams.
    pub(super) fn new(model: &Seq2Seq, precision: Precision, rows: usize) -> Option<Self> {
        let (encoder, recurrent) = parts(model)?;
        let decoder = decoder_weights(encoder, recurrent, &model.output)?;
        let layers: usize = decoder.layers.iter().map(|layer| layer.hidden.len()).sum();
        let size = layers + decoder.output.weight.len();
        let threads = match size < WORTH_SHARING {
            true => 1,
            false => rayon::current_num_threads(),
        };
        let packing = &Packing {
            precision,
            few_rows: rows <= FEW_ROWS,
            threads,
        };
        Some(Self {
            encoder: PackedEncoder::new(encoder_weights(encoder), packing),
            decoder: Decoder::new(decoder, packing),
            threads,
        })
    }

    /// Encodes a batch.
    pub(super) fn start(&self, source: Padded<'_>) -> Box<dyn Steps + '_> {
        let words: Vec<u32> = source.ids.iter().map(|&id| id as u32).collect();
        let sentences: Vec<&[u32]> = words
            .chunks(source.time.max(1))
            .zip(source.lengths)
            .map(|(row, &length)| &row[..length])
            .collect();
        let encoded = self.encoder.encode(&sentences);
        let (memory, state) = self.decoder.start(encoded);
        Box::new(Batch {
            decoder: &self.decoder,
            memory,
            state,
        })
    }

    /// Does `work` with all threads that share the steps awake.
    pub(super) fn awake<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match self.threads {
            1 => work(),
            _ => parallel::inside(work),
        }
    }
}

/// The parts of a model that the kernels search with, if they have its attention; `None` where they have
/// no such model.
fn parts(model: &Seq2Seq) -> Option<(&RecurrentEncoder, &RecurrentDecoder)> {
    let Encoder::Recurrent(encoder) = &model.encoder else {
        return None;
    };
    let decoder::Decoder::Recurrent(decoder) = &model.decoder else {
        return None;
    };
    let plain = encoder.stack.is_plain(encoder.layers.len())
        && encoder.starts.is_empty()
        && decoder.stack.is_plain(decoder.layers.len())
        && decoder.pool.is_none();
    plain.then_some((encoder, decoder))
}

fn numbers<const D: usize>(parameter: &Param<Tensor<D>>) -> Vec<f32> {
    host::read(parameter.val(), <[f32]>::to_vec)
}

fn layer(layer: &RecurrentLayer) -> LayerWeights {
    LayerWeights {
        input: numbers(&layer.input_weight),
        hidden: numbers(&layer.hidden_weight),
        bias: numbers(&layer.bias),
        hidden_bias: layer.hidden_bias.as_ref().map_or_else(Vec::new, numbers),
    }
}

fn bias(linear: &Linear) -> Vec<f32> {
    let size = linear.weight.dims()[1];
    linear
        .bias
        .as_ref()
        .map_or_else(|| vec![0.0; size], numbers)
}

fn encoder_weights(encoder: &RecurrentEncoder) -> EncoderWeights {
    let first = &encoder.layers[0].forward;
    EncoderWeights {
        cell: kernel(first.cell),
        size: encoder.embedding.dims()[1],
        embedding: numbers(&encoder.embedding),
        hidden: first.hidden_size(),
        layers: encoder
            .layers
            .iter()
            .map(|directed| {
                let backward = directed.backward.iter();
                std::iter::once(&directed.forward)
                    .chain(backward)
                    .map(layer)
                    .collect()
            })
            .collect(),
    }
}

fn energy(attention: &Attention) -> Option<Energy> {
    Some(match attention {
        _ if attention.covers() => return None,
        Attention::Additive(member) => Energy::Additive {
            key: numbers(&member.key.weight),
            query: numbers(&member.query.weight),
            bias: bias(&member.query),
            vector: numbers(&member.energy),
        },
        Attention::Concat(member) => Energy::Additive {
            key: numbers(&member.key.weight),
            query: numbers(&member.query.weight),
            bias: bias(&member.query),
            vector: numbers(&member.energy),
        },
        Attention::Dot(_) => Energy::Multiplicative {
            key: None,
            scale: 1.0,
        },
        Attention::General(member) => Energy::Multiplicative {
            key: Some(numbers(&member.key.weight)),
            scale: 1.0,
        },
        Attention::Scaled(member) => Energy::Multiplicative {
            key: member.key.as_ref().map(|key| numbers(&key.weight)),
            scale: member.scale() as f32,
        },
        Attention::MultiHead(_) | Attention::Local(_) => return None,
    })
}

fn bridge(bridge: &Bridge) -> BridgeWeights {
    let weight = || bridge.project.as_ref().map(|p| numbers(&p.weight));
    match (bridge.kind, &bridge.project) {
        (BridgeKind::Tanh, Some(project)) => BridgeWeights::Tanh {
            weight: numbers(&project.weight),
            bias: bias(project),
        },
        (BridgeKind::Tanh | BridgeKind::Copy, _) => BridgeWeights::Copy { weight: weight() },
        (BridgeKind::Zero, _) => BridgeWeights::Zero,
        (BridgeKind::Learned, _) => BridgeWeights::Learned {
            hidden: bridge.hidden.as_ref().map_or_else(Vec::new, numbers),
            cell: bridge.cell.as_ref().map_or_else(Vec::new, numbers),
        },
    }
}

fn decoder_weights(
    encoder: &RecurrentEncoder,
    decoder: &RecurrentDecoder,
    output: &Output,
) -> Option<DecoderWeights> {
    let energy = match &decoder.attention {
        Some(attention) => Some(energy(attention)?),
        None => None,
    };
    let cell = decoder.layers[0].cell;
    let top = &encoder.layers[encoder.layers.len() - 1];
    let directions = 1 + usize::from(top.backward.is_some());
    Some(DecoderWeights {
        cell: kernel(cell),
        hidden: decoder.hidden_size(),
        memory: directions * top.forward.hidden_size(),
        embedding: numbers(&decoder.embedding),
        size: decoder.embedding.dims()[1],
        layers: decoder.layers.iter().map(layer).collect(),
        feed: decoder.feed_weight.as_ref().map(numbers),
        context: decoder.context_weight.as_ref().map(numbers),
        attention: energy.map(|energy| AttentionWeights {
            energy,
            before: decoder.query == Query::Before,
        }),
        combine: numbers(&decoder.combine.weight),
        combine_bias: bias(&decoder.combine),
        bridge: bridge(&decoder.bridge),
        output: OutputWeights {
            project: output.project.as_ref().map(|p| numbers(&p.weight)),
            weight: numbers(output.weight.as_ref().unwrap_or(&decoder.embedding)),
            bias: numbers(&output.bias),
        },
    })
}
