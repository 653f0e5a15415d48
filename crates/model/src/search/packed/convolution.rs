//! The parameters of a decoder of convolutions, as the kernels pack them.

use kernels::search::{ConvAskingWeights, ConvDecoderWeights, ConvLayerWeights};

use super::weights::{bias, bridge, numbers, output_weights, pool, reading};
use crate::attention::Query;
use crate::decoder::ConvDecoder;
use crate::output::Output;

/// Those of `decoder`, for memory vectors of `memory` numbers.
pub(super) fn decoder_weights(
    memory: usize,
    decoder: &ConvDecoder,
    output: &Output,
) -> ConvDecoderWeights {
    let asking = |layer: usize| {
        let (query, context) = (decoder.queries.get(layer)?, decoder.contexts.get(layer)?);
        Some(ConvAskingWeights {
            query: numbers(&query.weight),
            query_bias: bias(query),
            context: numbers(&context.weight),
            context_bias: bias(context),
        })
    };
    let layers = decoder.convolutions.iter().enumerate();
    let layers = layers.map(|(layer, convolution)| ConvLayerWeights {
        weight: numbers(&convolution.weight),
        bias: numbers(&convolution.bias),
        asking: asking(layer),
    });
    let attention = decoder.attention.as_ref();
    ConvDecoderWeights {
        memory,
        embedding: numbers(&decoder.embedding),
        size: decoder.embedding.dims()[1],
        positions: numbers(&decoder.positions.table),
        enter: numbers(&decoder.enter.weight),
        enter_bias: bias(&decoder.enter),
        layers: layers.collect(),
        context: decoder.context_weight.as_ref().map(numbers),
        pool: decoder.pool.as_ref().map(pool),
        attention: attention.map(|attention| reading(attention, Query::After)),
        bridge: bridge(&decoder.bridge),
        output: output_weights(output, &decoder.embedding),
    }
}
