//! Gated convolutions over words (Gehring et al. 2017).

use network::Values;
use network::tree::{ConvEncoder, Convolution};

use super::{Encoded, Sentences, mean};
use crate::cell::CellState;
use crate::graph::{Attribute, Graph, Value};

/// A sum of two parts of equal variance is multiplied by this (section 3.5).
pub(crate) const HALF: f32 = std::f32::consts::FRAC_1_SQRT_2;

pub(super) fn encode(
    graph: &mut Graph,
    encoder: &ConvEncoder<Values>,
    sentences: &Sentences,
) -> Encoded {
    let table = graph.weight(&encoder.embedding);
    let words = graph.rows(&table, &sentences.ids);
    let count = graph.length(&sentences.ids, 1);
    let places = graph.count(&count);
    let places = graph.positions(&places, &encoder.positions);
    let sum = graph.add(&words, &places);
    let entered = graph.linear(&sum, &encoder.enter);
    let real = graph.unsqueeze(&sentences.mask, 2);
    let mut memory = entered.clone();
    for layer in &encoder.convolutions {
        let kept = graph.kept(&real, &memory, 0.0);
        let found = convolve(graph, layer, &kept);
        let sum = graph.add(&found, &memory);
        memory = graph.scale(&sum, HALF);
    }
    let sum = graph.add(&memory, &entered);
    let memory = graph.scale(&sum, HALF);
    let hidden = mean(graph, &memory, &sentences.mask);
    Encoded {
        memory,
        mask: sentences.mask.clone(),
        states: vec![CellState { hidden, cell: None }],
    }
}

/// `[batch, positions, size]` through a convolution and its gates.
fn convolve(graph: &mut Graph, layer: &Convolution<Values>, input: &Value) -> Value {
    let (width, outputs) = (layer.width(), layer.bias.data.len());
    let inputs = layer.weight.data.len() / (width * outputs);
    let mut weight = Vec::with_capacity(layer.weight.data.len());
    for output in 0..outputs {
        for input in 0..inputs {
            let at = |step: usize| layer.weight.data[(step * inputs + input) * outputs + output];
            weight.extend((0..width).map(at));
        }
    }
    let weight = graph.floats(&[outputs, inputs, width], &weight);
    let bias = graph.weight(&layer.bias);
    let turned = graph.transpose(input, &[0, 2, 1]);
    let before = ((width - 1) / 2) as i64;
    let pads = [before, (width - 1) as i64 - before];
    let attributes = vec![("pads", Attribute::Ints(&pads))];
    let sums = graph.op_with("Conv", &[&turned, &weight, &bias], attributes);
    let sums = graph.transpose(&sums, &[0, 2, 1]);
    graph.gated(&sums)
}
