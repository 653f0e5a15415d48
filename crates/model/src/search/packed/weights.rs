//! The parameters of recurrent encoders and decoders, as the kernels pack them.

use burn::module::Param;
use burn::tensor::Tensor;
use kernels::search::{
    AttentionWeights, BridgeWeights, DecoderWeights, EncoderWeights, Energy, HeadsWeights,
    LayerWeights, NormWeights, OutputWeights, PoolWeights, Reach, StackWeights, StartWeights,
};

use crate::attention::{Attention, Local, Pool, Query};
use crate::bridge::{Bridge, BridgeKind};
use crate::cell::RecurrentLayer;
use crate::decoder::RecurrentDecoder;
use crate::encoder::RecurrentEncoder;
use crate::host;
use crate::layer_norm::LayerNorm;
use crate::linear::Linear;
use crate::output::Output;
use crate::sequence::kernel;
use crate::stack::Stack;

pub(super) fn numbers<const D: usize>(parameter: &Param<Tensor<D>>) -> Vec<f32> {
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

pub(super) fn bias(linear: &Linear) -> Vec<f32> {
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

pub(super) fn encoder_weights(encoder: &RecurrentEncoder) -> EncoderWeights {
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
pub(super) fn reading(attention: &Attention, query: Query) -> AttentionWeights {
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

pub(super) fn pool(pool: &Pool) -> PoolWeights {
    let layer = pool.layer();
    PoolWeights {
        weight: numbers(&layer.weight),
        bias: numbers(&layer.bias),
        tanh: matches!(pool, Pool::TanhPool(_)),
        single: matches!(pool, Pool::TimeDense(member) if member.single),
    }
}

pub(super) fn bridge(bridge: &Bridge) -> BridgeWeights {
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

pub(super) fn decoder_weights(
    memory: usize,
    decoder: &RecurrentDecoder,
    output: &Output,
) -> DecoderWeights {
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
        output: output_weights(output, &decoder.embedding),
    }
}

/// The output layer of a decoder with this `embedding`, which serves as its weight where it has none of its own.
pub(super) fn output_weights(output: &Output, embedding: &Param<Tensor<2>>) -> OutputWeights {
    OutputWeights {
        project: output.project.as_ref().map(|p| numbers(&p.weight)),
        weight: numbers(output.weight.as_ref().unwrap_or(embedding)),
        bias: numbers(&output.bias),
    }
}
