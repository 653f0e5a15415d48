//! Convolutions over images.

use network::tree::{ImageBlock, ImageEncoder};
use network::{Shaped, Values};

use super::{Encoded, mean};
use crate::cell::CellState;
use crate::graph::{Attribute, Axis, Graph, Kind, Value};

pub(super) fn encode(graph: &mut Graph, encoder: &ImageEncoder<Values>) -> Encoded {
    let channels = encoder.blocks[0].weight.axes()[2];
    let axes = [
        Axis::Any("batch_size"),
        Axis::Of(channels),
        Axis::Any("height"),
        Axis::Any("width"),
    ];
    let pixels = graph.input("pixel_values", Kind::Float, &axes);
    let mut found = filled(graph, &pixels, 1 << encoder.blocks.len());
    for block in &encoder.blocks {
        found = pooled(graph, block, &found);
    }
    let found = graph.transpose(&found, &[0, 2, 3, 1]);
    let entered = graph.linear(&found, &encoder.enter);
    let [rows, columns] = [(1, &encoder.rows), (2, &encoder.columns)].map(|(axis, positions)| {
        let count = graph.length(&entered, axis);
        let places = graph.count(&count);
        graph.positions(&places, positions)
    });
    let rows = graph.unsqueeze(&rows, 1);
    let places = graph.add(&rows, &columns);
    let sum = graph.add(&entered, &places);
    let size = encoder.enter.outputs() as i64;
    let memory = graph.reshape(&sum, &[0, -1, size]);
    let first = graph.slice(&memory, 2, 0, 1);
    let first = graph.squeeze(&first, 2);
    // All are real: images of a batch have one width.
    let mask = graph.op("Equal", &[&first, &first]);
    let hidden = mean(graph, &memory, &mask);
    Encoded {
        memory,
        mask,
        states: vec![CellState { hidden, cell: None }],
    }
}

/// With rows of zeros below, up to a multiple of `scale`.
fn filled(graph: &mut Graph, pixels: &Value, scale: i64) -> Value {
    let height = graph.length(pixels, 2);
    let scale = graph.ints(&[scale]);
    let zero = graph.ints(&[0]);
    let below = graph.op("Sub", &[&zero, &height]);
    // As in Python: never negative.
    let missing = graph.op("Mod", &[&below, &scale]);
    let before = graph.ints(&[0; 6]);
    let pads = graph.concat(0, &[&before, &missing, &zero]);
    graph.op("Pad", &[pixels, &pads])
}

/// A convolution of 3 x 3 pixels, max(0, x), and the largest of each 2 x 2 pixels.
fn pooled(graph: &mut Graph, block: &ImageBlock<Values>, input: &Value) -> Value {
    let [rows, columns, inputs, outputs] = block.weight.axes()[..] else {
        unreachable!("a block's weight has four axes");
    };
    let mut weight = Vec::with_capacity(block.weight.data.len());
    for output in 0..outputs {
        for input in 0..inputs {
            let at = |place: usize| block.weight.data[(place * inputs + input) * outputs + output];
            weight.extend((0..rows * columns).map(at));
        }
    }
    let weight = graph.floats(&[outputs, inputs, rows, columns], &weight);
    let bias = graph.weight(&block.bias);
    let attributes = vec![("pads", Attribute::Ints(&[1, 1, 1, 1]))];
    let sums = graph.op_with("Conv", &[input, &weight, &bias], attributes);
    let positive = graph.op("Relu", &[&sums]);
    let attributes = vec![
        ("kernel_shape", Attribute::Ints(&[2, 2])),
        ("strides", Attribute::Ints(&[2, 2])),
        ("ceil_mode", Attribute::Int(1)),
    ];
    graph.op_with("MaxPool", &[&positive], attributes)
}
