//! Search over the CPU's own kernels, with weights packed once for a whole run.

use burn::module::Param;
use burn::tensor::Tensor;
use kernels::parallel;
use kernels::search::{
    AttentionWeights, BridgeWeights, Decoder, DecoderWeights, Encoded, Encoder as PackedEncoder,
    EncoderWeights, Energy, HeadsWeights, LayerWeights, Memory, NormWeights, OutputWeights,
    Packing, PoolWeights, Precision, Reach, StackWeights, StartWeights, State,
};

use super::steps::{Answer, Ask, Steps};
use crate::attention::{Attention, Local, Pool, Query};
use crate::bridge::{Bridge, BridgeKind};
use crate::cell::RecurrentLayer;
use crate::decoder::{self, RecurrentDecoder};
use crate::encoder::{Encoder, RecurrentEncoder};
use crate::host;
use crate::input::Input;
use crate::layer_norm::LayerNorm;
use crate::linear::Linear;
use crate::output::Output;
use crate::padded::Padded;
use crate::seq2seq::Seq2Seq;
use crate::sequence::kernel;
use crate::stack::Stack;

/// A smaller decoder's steps take less time than sharing them out.
const WORTH_SHARING: usize = 1 << 16;

/// Up to so many rows, a product takes as long as its weights take to be read.
const FEW_ROWS: usize = 8;

/// A model in the form in which it searches.
#[derive(Debug)]
pub(super) struct PackedModel {
    encoder: Reading,
    decoder: Decoder,
    threads: usize,
}

/// How it reads.
#[derive(Debug)]
enum Reading {
    Packed(Box<PackedEncoder>),
    /// Convolutions, which read all positions at once anyway.
    Tensors(Box<Encoder>),
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
    /// Packs a model that lies in the host's memory; `None` where the kernels have no such model: decoders of
    /// convolutions.
    ///
    /// `rows` is the most rows of a step, sentences times beams.
    pub(super) fn new(model: &Seq2Seq, precision: Precision, rows: usize) -> Option<Self> {
        let decoder::Decoder::Recurrent(recurrent) = &model.decoder else {
            return None;
        };
        let decoder = decoder_weights(model.encoder.memory_size(), recurrent, &model.output);
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
            encoder: match &model.encoder {
                Encoder::Recurrent(encoder) => {
                    let weights = encoder_weights(encoder);
                    Reading::Packed(Box::new(PackedEncoder::new(weights, packing)))
                }
                encoder => Reading::Tensors(Box::new(encoder.clone())),
            },
            decoder: Decoder::new(decoder, packing),
            threads,
        })
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

fn stack(stack: &Stack) -> StackWeights {
    let norm = |norm: &LayerNorm| NormWeights {
        gain: numbers(&norm.gain),
        bias: numbers(&norm.bias),
    };
    StackWeights {
        residual: stack.residual,
        norms: stack.norms.iter().map(norm).collect(),
    }
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
        starts: encoder
            .starts
            .iter()
            .map(|start| StartWeights {
                hidden: numbers(&start.hidden),
                cell: start.cell.as_ref().map_or_else(Vec::new, numbers),
            })
            .collect(),
        stack: stack(&encoder.stack),
    }
}

/// How the memory is read.
fn reading(attention: &Attention, query: Query) -> AttentionWeights {
    let additive = |key: &Linear, query: &Linear, vector| Energy::Additive {
        key: numbers(&key.weight),
        query: numbers(&query.weight),
        bias: bias(query),
        vector: numbers(vector),
    };
    let multiplicative = |key: Option<&Linear>, scale| Energy::Multiplicative {
        key: key.map(|key| numbers(&key.weight)),
        scale,
    };
    let plain = |energy| AttentionWeights {
        energy,
        reach: Reach::Everywhere,
        coverage: None,
        heads: None,
        before: query == Query::Before,
    };
    match attention {
        Attention::Additive(member) => AttentionWeights {
            coverage: member.coverage.as_ref().map(numbers),
            ..plain(additive(&member.key, &member.query, &member.energy))
        },
        Attention::Concat(member) => AttentionWeights {
            coverage: member.coverage.as_ref().map(numbers),
            ..plain(additive(&member.key, &member.query, &member.energy))
        },
        Attention::Dot(_) => plain(multiplicative(None, 1.0)),
        Attention::General(member) => plain(multiplicative(Some(&member.key), 1.0)),
        Attention::Scaled(member) => {
            plain(multiplicative(member.key.as_ref(), member.scale() as f32))
        }
        Attention::Local(member) => AttentionWeights {
            reach: reach(member),
            ..plain(multiplicative(Some(&member.key), 1.0))
        },
        Attention::MultiHead(member) => AttentionWeights {
            heads: Some(HeadsWeights {
                count: member.heads,
                query: numbers(&member.query.weight),
                value: numbers(&member.value.weight),
                output: numbers(&member.output.weight),
            }),
            ..plain(multiplicative(Some(&member.key), member.scale() as f32))
        },
    }
}

fn reach(local: &Local) -> Reach {
    let window = local.window;
    match (&local.position, &local.position_vector) {
        (Some(position), Some(vector)) => Reach::Predictive {
            window,
            weight: numbers(&position.weight),
            vector: numbers(vector),
        },
        _ => Reach::Monotonic { window },
    }
}

fn pool(pool: &Pool) -> PoolWeights {
    let layer = pool.layer();
    PoolWeights {
        weight: numbers(&layer.weight),
        bias: numbers(&layer.bias),
        tanh: matches!(pool, Pool::TanhPool(_)),
        single: matches!(pool, Pool::TimeDense(member) if member.single),
    }
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

fn decoder_weights(memory: usize, decoder: &RecurrentDecoder, output: &Output) -> DecoderWeights {
    let attention = decoder.attention.as_ref();
    let attention = attention.map(|attention| reading(attention, decoder.query));
    let cell = decoder.layers[0].cell;
    DecoderWeights {
        cell: kernel(cell),
        hidden: decoder.hidden_size(),
        memory,
        embedding: numbers(&decoder.embedding),
        size: decoder.embedding.dims()[1],
        layers: decoder.layers.iter().map(layer).collect(),
        feed: decoder.feed_weight.as_ref().map(numbers),
        context: decoder.context_weight.as_ref().map(numbers),
        pool: decoder.pool.as_ref().map(pool),
        stack: stack(&decoder.stack),
        attention,
        combine: numbers(&decoder.combine.weight),
        combine_bias: bias(&decoder.combine),
        bridge: bridge(&decoder.bridge),
        output: OutputWeights {
            project: output.project.as_ref().map(|p| numbers(&p.weight)),
            weight: numbers(output.weight.as_ref().unwrap_or(&decoder.embedding)),
            bias: numbers(&output.bias),
        },
    }
}
