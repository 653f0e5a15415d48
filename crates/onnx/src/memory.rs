//! What a decoder knows of its source, the same at all steps.

use network::Values;
use network::tree::{Attention, Decoder};

use crate::attention;
use crate::decoder::Writer;
use crate::encoder::Encoded;
use crate::graph::{Graph, Kind, Value};

/// What an encoder hands over, as plain tensors.
#[derive(Debug)]
pub(crate) struct Source {
    /// Numbers of each sentence, `[batch, width]` each: the parts of the decoder's first state, then the share of a fixed
    /// context.
    pub once: Vec<Value>,
    /// Numbers of each position, `[batch, positions, width]` each: values, then keys that are not values.
    pub positions: Vec<Value>,
    /// Which positions are real, `[batch, positions]`.
    pub mask: Value,
}

/// What a decoder reads at each step.
#[derive(Debug)]
pub(crate) struct Memory {
    /// `[batch, positions, value]`, of several heads `[batch, heads, positions, value]`.
    pub values: Value,
    /// `[batch, positions, key]`, of several heads `[batch, heads, positions, key]`.
    pub keys: Value,
    /// Which positions are real, `[batch, positions]`.
    pub mask: Value,
    /// How many are, `[batch, 1]`.
    pub lengths: Value,
    /// The number of each position, `[positions]`.
    pub places: Value,
    /// The share of a fixed context in the first layer's input, `[batch, columns]`.
    pub share: Option<Value>,
}

impl Source {
    /// Of what an encoder has found, for `decoder`.
    pub fn new(graph: &mut Graph, decoder: &Decoder<Values>, encoded: Encoded) -> Self {
        let writer = Writer::new(decoder);
        let mut once = writer.first(graph, &encoded);
        once.extend(writer.share(graph, &encoded));
        let positions = match decoder.attention() {
            None => vec![encoded.memory],
            Some(attention) => {
                let keys = attention::keys(graph, attention, &encoded.memory);
                let values = attention::values(graph, attention, &encoded.memory);
                std::iter::once(values).chain(keys).collect()
            }
        };
        Self {
            once,
            positions,
            mask: encoded.mask,
        }
    }
}

impl Memory {
    /// Of what an encoder has handed over; `share` is what stands behind the first state.
    pub fn new(
        graph: &mut Graph,
        attention: Option<&Attention<Values>>,
        positions: &[Value],
        mask: Value,
        share: Option<Value>,
    ) -> Self {
        let [mut values, mut keys] = match positions {
            [values, keys, ..] => [values.clone(), keys.clone()],
            [values] => [values.clone(), values.clone()],
            [] => [Value::none(), Value::none()],
        };
        if let Some(heads) = attention.and_then(|attention| attention.heads.as_ref()) {
            values = attention::apart(graph, heads, &values);
            keys = attention::apart(graph, heads, &keys);
        }
        let count = graph.length(&mask, 1);
        let places = graph.count(&count);
        Self {
            values,
            keys,
            lengths: attention::lengths(graph, &mask),
            places: graph.cast(&places, Kind::Float),
            mask,
            share,
        }
    }
}
