//! Encoders: from a source to its memory.

mod convolution;
mod image;
mod recurrent;

use network::Values;
use network::tree::Encoder;

use crate::cell::CellState;
use crate::graph::{Axis, Graph, Kind, Value};
pub(crate) use convolution::HALF;

/// What an encoder makes of a batch.
#[derive(Debug)]
pub(crate) struct Encoded {
    /// `[batch, positions, memory]`; what stands at positions that are not real means nothing.
    pub memory: Value,
    /// Which positions are real, `[batch, positions]`.
    pub mask: Value,
    /// The last states of each layer, the lowest first, `[batch, memory]`.
    pub states: Vec<CellState>,
}

impl Encoded {
    /// The highest layer's last state.
    pub fn top(&self) -> &CellState {
        &self.states[self.states.len() - 1]
    }
}

/// Words of a batch.
struct Sentences {
    /// `[batch, positions]`
    ids: Value,
    /// Which are real, `[batch, positions]`.
    mask: Value,
    /// How many of each sentence are, `[batch]`.
    lengths: Value,
}

/// Declares what `encoder` reads, and encodes it.
pub(crate) fn encode(graph: &mut Graph, encoder: &Encoder<Values>) -> Encoded {
    match encoder {
        Encoder::Recurrent(encoder) => {
            let sentences = sentences(graph);
            recurrent::encode(graph, encoder, &sentences)
        }
        Encoder::Conv(encoder) => {
            let sentences = sentences(graph);
            convolution::encode(graph, encoder, &sentences)
        }
        Encoder::Image(encoder) => image::encode(graph, encoder),
    }
}

fn sentences(graph: &mut Graph) -> Sentences {
    let axes = [
        Axis::Any("batch_size"),
        Axis::Any("encoder_sequence_length"),
    ];
    let ids = graph.input("input_ids", Kind::Int64, &axes);
    let mask = graph.input("attention_mask", Kind::Int64, &axes);
    Sentences {
        lengths: graph.sum(&mask, 1, false),
        mask: graph.cast(&mask, Kind::Bool),
        ids,
    }
}

/// The mean of the real vectors of `memory`, `[batch, memory]`.
fn mean(graph: &mut Graph, memory: &Value, mask: &Value) -> Value {
    let real = graph.unsqueeze(mask, 2);
    let kept = graph.kept(&real, memory, 0.0);
    let sum = graph.sum(&kept, 1, false);
    let real = graph.cast(mask, Kind::Float);
    let count = graph.sum(&real, 1, true);
    graph.op("Div", &[&sum, &count])
}
