//! Recurrent layers over words.

use network::cell::{Cell, Nonlinearity};
use network::tree::{DirectedLayer, LearnedState, RecurrentEncoder, RecurrentLayer};
use network::{Shaped, Values};

use super::{Encoded, Sentences};
use crate::cell::{self, CellState};
use crate::graph::{Attribute, Graph, Kind, Value};
use crate::stack;

/// A layer's outputs and last states.
struct Walked {
    /// `[positions, batch, memory]`
    outputs: Value,
    state: CellState,
}

pub(super) fn encode(
    graph: &mut Graph,
    encoder: &RecurrentEncoder<Values>,
    sentences: &Sentences,
) -> Encoded {
    let table = graph.weight(&encoder.embedding);
    let words = graph.rows(&table, &sentences.ids);
    let mut input = graph.transpose(&words, &[1, 0, 2]);
    let mut states = Vec::with_capacity(encoder.layers.len());
    for (depth, layer) in encoder.layers.iter().enumerate() {
        let start = encoder.starts.get(depth);
        let walked = match cell::has_operator(&layer.forward) {
            true => walk(graph, layer, &input, sentences, start),
            false => walk_step_by_step(graph, layer, &input, sentences, start),
        };
        states.push(walked.state);
        input = stack::finish(graph, &encoder.stack, depth, &walked.outputs, Some(&input));
    }
    Encoded {
        memory: graph.transpose(&input, &[1, 0, 2]),
        mask: sentences.mask.clone(),
        states,
    }
}

fn directions(layer: &DirectedLayer<Values>) -> Vec<&RecurrentLayer<Values>> {
    std::iter::once(&layer.forward)
        .chain(&layer.backward)
        .collect()
}

/// The order in which an ONNX operator has the gates of a cell.
fn gate_order(cell: Cell) -> &'static [usize] {
    match cell {
        Cell::Rnn(_) => &[0],
        // z, r, h
        Cell::Gru => &[1, 0, 2],
        // i, o, f, c
        Cell::Lstm => &[0, 3, 1, 2],
    }
}

/// `[rows, gates * hidden]` as `[gates * hidden, rows]` with the gates in `order`.
fn turned(values: &Values, order: &[usize]) -> Vec<f32> {
    let columns = values.columns();
    let hidden = columns / order.len();
    let rows = values.data.len() / columns;
    let mut out = Vec::with_capacity(values.data.len());
    for column in order
        .iter()
        .flat_map(|gate| gate * hidden..(gate + 1) * hidden)
    {
        out.extend((0..rows).map(|row| values.data[row * columns + column]));
    }
    out
}

/// By an operator that walks over whole sentences.
fn walk(
    graph: &mut Graph,
    layer: &DirectedLayer<Values>,
    input: &Value,
    sentences: &Sentences,
    start: Option<&LearnedState<Values>>,
) -> Walked {
    let directions = directions(layer);
    let (count, cell) = (directions.len(), layer.forward.cell);
    let (hidden, order) = (layer.forward.hidden_size(), gate_order(cell));
    let columns = order.len() * hidden;
    let all = |of: &dyn Fn(&RecurrentLayer<Values>) -> Vec<f32>| -> Vec<f32> {
        directions.iter().flat_map(|layer| of(layer)).collect()
    };
    let inputs = layer.forward.input_weight.rows();
    let weight = all(&|layer| turned(&layer.input_weight, order));
    let weight = graph.floats(&[count, columns, inputs], &weight);
    let recurrence = all(&|layer| turned(&layer.hidden_weight, order));
    let recurrence = graph.floats(&[count, columns, hidden], &recurrence);
    let bias = all(&|layer| {
        let mut bias = turned(&layer.bias, order);
        bias.resize(2 * columns, 0.0);
        if let Some(inner) = &layer.hidden_bias {
            // Of the gate that comes last.
            bias[2 * columns - hidden..].copy_from_slice(&inner.data);
        }
        bias
    });
    let bias = graph.floats(&[count, 2 * columns], &bias);
    let lengths = graph.cast(&sentences.lengths, Kind::Int32);
    let mut first = |values: Option<&Values>| match values {
        None => Value::none(),
        Some(values) => repeated(graph, values, &sentences.lengths),
    };
    let hidden_start = first(start.map(|start| &start.hidden));
    let cell_start = first(start.and_then(|start| start.cell.as_ref()));
    let mut operands = vec![input, &weight, &recurrence, &bias, &lengths, &hidden_start];
    let direction = ["forward", "bidirectional"][count - 1];
    let mut attributes = vec![
        ("hidden_size", Attribute::Int(hidden as i64)),
        ("direction", Attribute::Text(direction)),
    ];
    let (name, outputs) = match cell {
        Cell::Rnn(nonlinearity) => {
            let activation = match nonlinearity {
                Nonlinearity::Tanh => "Tanh",
                Nonlinearity::Relu => "Relu",
            };
            let activations = &[activation; 2][..count];
            attributes.push(("activations", Attribute::Texts(activations.to_vec())));
            ("RNN", 2)
        }
        Cell::Gru => {
            attributes.push(("linear_before_reset", Attribute::Int(1)));
            ("GRU", 2)
        }
        Cell::Lstm => {
            operands.push(&cell_start);
            ("LSTM", 3)
        }
    };
    let made = graph.many(name, &operands, outputs, attributes);
    let mut side_by_side = |value: &Value, order: &[i64]| {
        let turned = graph.transpose(value, order);
        let mut shape = vec![0; order.len() - 2];
        shape.push((count * hidden) as i64);
        graph.reshape(&turned, &shape)
    };
    Walked {
        outputs: side_by_side(&made[0], &[0, 2, 1, 3]),
        state: CellState {
            hidden: side_by_side(&made[1], &[1, 0, 2]),
            cell: made.get(2).map(|cell| side_by_side(cell, &[1, 0, 2])),
        },
    }
}

/// `[directions, hidden]` for each sentence, `[directions, batch, hidden]`.
fn repeated(graph: &mut Graph, values: &Values, lengths: &Value) -> Value {
    let (count, hidden) = (values.rows(), values.columns());
    let batch = graph.length(lengths, 0);
    let [count_list, hidden_list] = [count, hidden].map(|size| graph.ints(&[size as i64]));
    let shape = graph.concat(0, &[&count_list, &batch, &hidden_list]);
    let values = graph.floats(&[count, 1, hidden], &values.data);
    graph.op("Expand", &[&values, &shape])
}

/// One step after another, for gates that no operator has.
fn walk_step_by_step(
    graph: &mut Graph,
    layer: &DirectedLayer<Values>,
    input: &Value,
    sentences: &Sentences,
    start: Option<&LearnedState<Values>>,
) -> Walked {
    let real = graph.transpose(&sentences.mask, &[1, 0]);
    let real = graph.unsqueeze(&real, 2);
    let mut walks = Vec::new();
    for (index, direction) in directions(layer).into_iter().enumerate() {
        let first = |graph: &mut Graph, values: Option<&Values>| match values {
            Some(values) => {
                let all = repeated(graph, values, &sentences.lengths);
                let own = graph.slice(&all, 0, index, index + 1);
                graph.squeeze(&own, 0)
            }
            None => {
                let batch = graph.length(&sentences.lengths, 0);
                graph.zeros(&batch, direction.hidden_size())
            }
        };
        let cell = direction.cell.has_cell_state();
        let start = CellState {
            hidden: first(graph, start.map(|start| &start.hidden)),
            cell: cell.then(|| first(graph, start.and_then(|start| start.cell.as_ref()))),
        };
        let turn = |graph: &mut Graph, value: &Value| match index {
            0 => value.clone(),
            _ => graph.op_with(
                "ReverseSequence",
                &[value, &sentences.lengths],
                vec![
                    ("time_axis", Attribute::Int(0)),
                    ("batch_axis", Attribute::Int(1)),
                ],
            ),
        };
        let input = turn(graph, input);
        let projected = graph.product(&input, &direction.input_weight);
        let bias = graph.weight(&direction.bias);
        let projected = graph.add(&projected, &bias);
        let walked = scan(graph, direction, &projected, &real, &start);
        walks.push(Walked {
            outputs: turn(graph, &walked.outputs),
            ..walked
        });
    }
    let mut beside = |of: &dyn Fn(&Walked) -> Option<&Value>| {
        let parts: Option<Vec<&Value>> = walks.iter().map(of).collect();
        parts.map(|parts| graph.concat(-1, &parts))
    };
    let cell = beside(&|walked| walked.state.cell.as_ref());
    let hidden = beside(&|walked| Some(&walked.state.hidden));
    let outputs = beside(&|walked| Some(&walked.outputs));
    Walked {
        outputs: outputs.unwrap_or_else(Value::none),
        state: CellState {
            hidden: hidden.unwrap_or_else(Value::none),
            cell,
        },
    }
}

/// A walk forwards over `projected`, `[positions, batch, gates * hidden]`, that stands still where nothing is `real`.
fn scan(
    graph: &mut Graph,
    layer: &RecurrentLayer<Values>,
    projected: &Value,
    real: &Value,
    start: &CellState,
) -> Walked {
    let mut body = graph.inner();
    let before = CellState {
        hidden: body.parameter(Kind::Float),
        cell: start.cell.as_ref().map(|_| body.parameter(Kind::Float)),
    };
    let own_projected = body.parameter(Kind::Float);
    let own_real = body.parameter(Kind::Bool);
    let after = cell::step(&mut body, layer, &own_projected, &before);
    for (after, before) in after.values().zip(before.values()) {
        let state = body.op("Where", &[&own_real, after, before]);
        body.result(&state, Kind::Float);
    }
    body.result(&after.hidden, Kind::Float);
    let operands: Vec<&Value> = start.values().chain([projected, real]).collect();
    let states = start.values().count();
    let attributes = vec![
        ("body", Attribute::Inner(body)),
        ("num_scan_inputs", Attribute::Int(2)),
    ];
    let mut made = graph
        .many("Scan", &operands, states + 1, attributes)
        .into_iter();
    let mut next = || made.next().unwrap_or_else(Value::none);
    Walked {
        state: CellState {
            hidden: next(),
            cell: start.cell.as_ref().map(|_| next()),
        },
        outputs: next(),
    }
}
