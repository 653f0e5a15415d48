//! A step of a recurrent cell, from operators that do one thing each.

use network::Values;
use network::cell::{Cell, Nonlinearity};
use network::tree::RecurrentLayer;

use crate::graph::{Graph, Value};

/// The state of a layer.
#[derive(Debug, Clone)]
pub(crate) struct CellState {
    /// `[batch, hidden]`
    pub hidden: Value,
    /// The same, of cells that have one.
    pub cell: Option<Value>,
}

impl CellState {
    /// Hidden state, then cell state.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        std::iter::once(&self.hidden).chain(&self.cell)
    }
}

/// A layer whose gates are being summed up.
struct Gates<'a> {
    layer: &'a RecurrentLayer<Values>,
    hidden: usize,
}

impl Gates<'_> {
    /// The sums of gate `place`, normalised if the layer's are.
    fn settled(&self, graph: &mut Graph, place: usize, sums: Value) -> Value {
        let Some(norm) = &self.layer.gate_norm else {
            return sums;
        };
        let part = |values: &Values| values.data[place * self.hidden..][..self.hidden].to_vec();
        let [gain, bias] =
            [&norm.gain, &norm.bias].map(|values| graph.floats(&[self.hidden], &part(values)));
        graph.normalised_by(&sums, &gain, &bias)
    }
}

/// Whether there is an operator that walks over whole sentences with cells such as this layer's.
pub(crate) fn has_operator(layer: &RecurrentLayer<Values>) -> bool {
    layer.gate_norm.is_none()
}

/// The state after a step of `layer`: `projected` is the input's share of the gates, `[batch, gates * hidden]`.
pub(crate) fn step(
    graph: &mut Graph,
    layer: &RecurrentLayer<Values>,
    projected: &Value,
    before: &CellState,
) -> CellState {
    let gates = Gates {
        layer,
        hidden: layer.hidden_size(),
    };
    let recurrent = graph.product(&before.hidden, &layer.hidden_weight);
    match layer.cell {
        Cell::Rnn(nonlinearity) => {
            let sums = graph.add(projected, &recurrent);
            let sums = gates.settled(graph, 0, sums);
            let hidden = match nonlinearity {
                Nonlinearity::Tanh => graph.tanh(&sums),
                Nonlinearity::Relu => graph.op("Relu", &[&sums]),
            };
            CellState { hidden, cell: None }
        }
        Cell::Lstm => lstm(graph, &gates, projected, &recurrent, before),
        Cell::Gru => gru(graph, &gates, projected, &recurrent, before),
    }
}

fn lstm(
    graph: &mut Graph,
    gates: &Gates<'_>,
    projected: &Value,
    recurrent: &Value,
    before: &CellState,
) -> CellState {
    let sums = graph.add(projected, recurrent);
    let mut place = 0;
    let [input, forget, new, output] = graph.split::<4>(&sums).map(|sums| {
        place += 1;
        gates.settled(graph, place - 1, sums)
    });
    let [input, forget, output] = [input, forget, output].map(|sums| graph.sigmoid(&sums));
    let new = graph.tanh(&new);
    let mut cell = graph.mul(&input, &new);
    if let Some(before) = &before.cell {
        let kept = graph.mul(&forget, before);
        cell = graph.add(&kept, &cell);
    }
    let squashed = graph.tanh(&cell);
    CellState {
        hidden: graph.mul(&output, &squashed),
        cell: Some(cell),
    }
}

fn gru(
    graph: &mut Graph,
    gates: &Gates<'_>,
    projected: &Value,
    recurrent: &Value,
    before: &CellState,
) -> CellState {
    let [reset, update, new] = graph.split::<3>(projected);
    let [reset_share, update_share, mut inner] = graph.split::<3>(recurrent);
    if let Some(bias) = &gates.layer.hidden_bias {
        let bias = graph.weight(bias);
        inner = graph.add(&inner, &bias);
    }
    let mut open = |place, projected, recurrent| {
        let sums = graph.add(projected, recurrent);
        let sums = gates.settled(graph, place, sums);
        graph.sigmoid(&sums)
    };
    let reset = open(0, &reset, &reset_share);
    let update = open(1, &update, &update_share);
    let inner = graph.mul(&reset, &inner);
    let sums = graph.add(&new, &inner);
    let sums = gates.settled(graph, 2, sums);
    let new = graph.tanh(&sums);
    let change = graph.op("Sub", &[&before.hidden, &new]);
    let kept = graph.mul(&update, &change);
    CellState {
        hidden: graph.add(&new, &kept),
        cell: None,
    }
}
