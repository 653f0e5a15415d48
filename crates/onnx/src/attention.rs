//! How a decoder reads its memory.

use network::tree::{Attention, Heads, Linear};
use network::{Energy, Reach, Values};

use crate::graph::{Graph, Kind, Value};
use crate::memory::Memory;
use crate::pool::LOWEST;

/// What a state has found.
#[derive(Debug)]
pub(crate) struct Found {
    /// `[batch, context]`
    pub context: Value,
    /// `[batch, positions]`
    pub weights: Value,
}

/// What is known when a state asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    /// Which asks, `[batch, hidden]`.
    pub state: &'a Value,
    /// The number of steps before, `[batch, 1]`.
    pub steps: &'a Value,
    /// The sum of the weights that each position had in them, `[batch, positions]`, where they count.
    pub sums: Option<&'a Value>,
}

/// Keys of `memory`, where they are not the memory itself.
pub(crate) fn keys(
    graph: &mut Graph,
    attention: &Attention<Values>,
    memory: &Value,
) -> Option<Value> {
    let key = attention.key.as_ref();
    key.map(|key| graph.linear(memory, key))
}

/// Values of `memory`.
pub(crate) fn values(graph: &mut Graph, attention: &Attention<Values>, memory: &Value) -> Value {
    match &attention.heads {
        Some(heads) => graph.linear(memory, &heads.value),
        None => memory.clone(),
    }
}

/// What a state finds in `memory`.
pub(crate) fn read(
    graph: &mut Graph,
    attention: &Attention<Values>,
    memory: &Memory,
    question: &Question<'_>,
) -> Found {
    let query = match &attention.query {
        Some(layer) => graph.linear(question.state, layer),
        None => question.state.clone(),
    };
    if let Some(heads) = &attention.heads {
        return ask_by_head(graph, heads, attention.energy.scale(), memory, &query);
    }
    let energies = energies(graph, attention, memory, &query, question);
    let (mask, bell) = reached(graph, &attention.reach, memory, question);
    let energies = graph.kept(&mask, &energies, LOWEST);
    let mut weights = graph.softmax(&energies, -1);
    if let Some(bell) = bell {
        let weighed = graph.mul(&weights, &bell);
        weights = graph.kept(&mask, &weighed, 0.0);
    }
    let rows = graph.unsqueeze(&weights, 1);
    let context = graph.matmul(&rows, &memory.values);
    Found {
        context: graph.squeeze(&context, 1),
        weights,
    }
}

/// `[batch, positions]`
fn energies(
    graph: &mut Graph,
    attention: &Attention<Values>,
    memory: &Memory,
    query: &Value,
    question: &Question<'_>,
) -> Value {
    match &attention.energy {
        Energy::Multiplicative(scale) => {
            let query = graph.unsqueeze(query, 2);
            let energies = graph.matmul(&memory.keys, &query);
            let energies = graph.squeeze(&energies, 2);
            scaled(graph, energies, *scale)
        }
        Energy::Additive(vector) => {
            let query = graph.unsqueeze(query, 1);
            let mut sums = graph.add(&memory.keys, &query);
            if let (Some(coverage), Some(before)) = (&attention.coverage, question.sums) {
                let before = graph.unsqueeze(before, 2);
                let coverage = graph.weight(coverage);
                let share = graph.mul(&before, &coverage);
                sums = graph.add(&sums, &share);
            }
            let squashed = graph.tanh(&sums);
            let vector = graph.floats(&[vector.data.len(), 1], &vector.data);
            let energies = graph.matmul(&squashed, &vector);
            graph.squeeze(&energies, 2)
        }
    }
}

fn scaled(graph: &mut Graph, energies: Value, scale: f32) -> Value {
    match scale == 1.0 {
        true => energies,
        false => graph.scale(&energies, scale),
    }
}

/// Which positions are looked at, `[batch, positions]`, and a factor of their weights.
fn reached(
    graph: &mut Graph,
    reach: &Reach<Linear<Values>, Values>,
    memory: &Memory,
    question: &Question<'_>,
) -> (Value, Option<Value>) {
    let (window, center) = match reach {
        Reach::Everywhere => return (memory.mask.clone(), None),
        Reach::Monotonic { window } => {
            let one = graph.float(1.0);
            let last = graph.op("Sub", &[&memory.lengths, &one]);
            (*window, graph.op("Min", &[question.steps, &last]))
        }
        Reach::Predictive {
            window,
            weight,
            vector,
        } => {
            let squashed = graph.linear(question.state, weight);
            let squashed = graph.tanh(&squashed);
            let vector = graph.floats(&[vector.data.len(), 1], &vector.data);
            let place = graph.matmul(&squashed, &vector);
            let share = graph.sigmoid(&place);
            (*window, graph.mul(&memory.lengths, &share))
        }
    };
    let distance = graph.op("Sub", &[&memory.places, &center]);
    let size = graph.op("Abs", &[&distance]);
    let window_value = graph.float(window as f32);
    let near = graph.op("LessOrEqual", &[&size, &window_value]);
    let mask = graph.op("And", &[&near, &memory.mask]);
    let bell = matches!(reach, Reach::Predictive { .. }).then(|| {
        let deviations = graph.scale(&distance, 2.0 / window as f32);
        let square = graph.mul(&deviations, &deviations);
        let exponent = graph.scale(&square, -0.5);
        graph.op("Exp", &[&exponent])
    });
    (mask, bell)
}

/// `[batch, positions, heads * size]` as `[batch, heads, positions, size]`.
pub(crate) fn apart(graph: &mut Graph, heads: &Heads<Values>, value: &Value) -> Value {
    let parts = graph.reshape(value, &[0, 0, heads.count as i64, -1]);
    graph.transpose(&parts, &[0, 2, 1, 3])
}

fn ask_by_head(
    graph: &mut Graph,
    heads: &Heads<Values>,
    scale: f32,
    memory: &Memory,
    query: &Value,
) -> Found {
    let queries = graph.reshape(query, &[0, heads.count as i64, -1, 1]);
    let energies = graph.matmul(&memory.keys, &queries);
    let energies = graph.squeeze(&energies, 3);
    let energies = scaled(graph, energies, scale);
    let mask = graph.unsqueeze(&memory.mask, 1);
    let energies = graph.kept(&mask, &energies, LOWEST);
    let weights = graph.softmax(&energies, -1);
    let rows = graph.unsqueeze(&weights, 2);
    let contexts = graph.matmul(&rows, &memory.values);
    let contexts = graph.reshape(&contexts, &[0, -1]);
    let context = graph.linear(&contexts, &heads.output);
    let sum = graph.sum(&weights, 1, false);
    Found {
        context,
        weights: graph.scale(&sum, 1.0 / heads.count as f32),
    }
}

/// Whether weights depend on those before.
pub(crate) fn covers(attention: Option<&Attention<Values>>) -> bool {
    attention.is_some_and(|attention| attention.coverage.is_some())
}

/// Real positions of each sentence as a number, `[batch, 1]`, of a mask.
pub(crate) fn lengths(graph: &mut Graph, mask: &Value) -> Value {
    let real = graph.cast(mask, Kind::Float);
    graph.sum(&real, 1, true)
}
