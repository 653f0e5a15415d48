//! In plain tensor operations.

use burn::tensor::activation::{sigmoid, softmax};
use burn::tensor::{Tensor, TensorData};
use network::{Energy, Reach};

use super::memory::{Memory, Past};
use super::tensors::Attention;
use crate::lengths::Lengths;

/// Steps of a target that ask.
#[derive(Debug, Clone, Copy)]
enum QuerySteps {
    /// Query i is step i's.
    InTurn,
    /// All queries are one step's.
    At(usize),
}

impl QuerySteps {
    fn step(self, query: usize) -> usize {
        match self {
            QuerySteps::InTurn => query,
            QuerySteps::At(step) => step,
        }
    }
}

/// Answers the queries of a target's steps, `[batch, steps, hidden]`: the contexts
/// `[batch, steps, context]` and the weights `[batch, steps, source]`, which are zero at padding and
/// sum to one (for local-p, to less).
pub fn attend_in_turn(
    attention: &Attention,
    query: Tensor<3>,
    memory: &Memory,
) -> (Tensor<3>, Tensor<3>) {
    if attention.coverage.is_none() {
        return weigh(attention, query, memory, QuerySteps::InTurn, None);
    }
    let [batch, steps, _] = query.dims();
    let source = memory.keys.dims()[1];
    let mut past = Past::none(batch, source, true, &memory.keys);
    let (mut contexts, mut weights) = (Vec::new(), Vec::new());
    for step in 0..steps {
        let query = query.clone().narrow(1, step, 1);
        let (context, seen) = attend_after(attention, query, memory, &past);
        past = past.and(&seen.clone().reshape([batch, source]));
        contexts.push(context);
        weights.push(seen);
    }
    (Tensor::cat(contexts, 1), Tensor::cat(weights, 1))
}

/// Answers queries of one step, `[batch, beams, hidden]`, whose rows (sentence-major) have the same
/// `past`; as [`attend_in_turn`].
pub fn attend_after(
    attention: &Attention,
    query: Tensor<3>,
    memory: &Memory,
    past: &Past,
) -> (Tensor<3>, Tensor<3>) {
    let [batch, beams, _] = query.dims();
    let source = memory.keys.dims()[1];
    let coverage = past.coverage.clone();
    let coverage = coverage.map(|sum| sum.reshape([batch, beams, source]));
    let steps = QuerySteps::At(past.steps);
    weigh(attention, query, memory, steps, coverage)
}

/// Attention for rows that are beams of the batch's sentences: contexts `[rows, context]` and
/// weights `[rows, source]`. The memory is shared by a sentence's beams, never copied.
pub(crate) fn answer(
    attention: &Attention,
    query: Tensor<2>,
    memory: &Memory,
    past: &Past,
) -> (Tensor<2>, Tensor<2>) {
    let [rows, size] = query.dims();
    let batch = memory.values.dims()[0];
    let query = query.reshape([batch, rows / batch, size]);
    let (context, weights) = attend_after(attention, query, memory, past);
    let flat = |values: Tensor<3>| {
        let size = values.dims()[2];
        values.reshape([rows, size])
    };
    (flat(context), flat(weights))
}

fn weigh(
    attention: &Attention,
    states: Tensor<3>,
    memory: &Memory,
    steps: QuerySteps,
    coverage: Option<Tensor<3>>,
) -> (Tensor<3>, Tensor<3>) {
    let window = Window::of(attention, &states, memory, steps);
    let query = match &attention.query {
        Some(query) => query.clone().forward(states),
        None => states,
    };
    let shape = query.dims();
    let heads = attention.heads.as_ref().map_or(1, |heads| heads.count);
    let (query, keys) = (split(query, heads), split(memory.keys.clone(), heads));
    let mut energy = match &attention.energy {
        Energy::Additive(vector) => {
            let weight = attention.coverage.clone();
            additive(query, keys, vector.clone(), coverage.zip(weight))
        }
        Energy::Multiplicative(scale) => {
            let products = query.matmul(keys.transpose());
            match *scale {
                1.0 => products,
                scale => products * scale,
            }
        }
    };
    if let Some(window) = &window {
        energy = window.keep(energy);
    }
    if let Some(penalty) = penalty(&memory.lengths) {
        energy = energy + penalty;
    }
    let mut weights = softmax(energy, 3);
    if let Some(bell) = window.and_then(|window| window.bell) {
        weights = weights * bell;
    }
    let contexts = weights.clone().matmul(split(memory.values.clone(), heads));
    let [batch, _, queries, source] = weights.dims();
    let weights = match heads {
        1 => weights,
        _ => weights.mean_dim(1),
    };
    let weights = weights.reshape([batch, queries, source]);
    let width = memory.values.dims()[2];
    let contexts = contexts
        .swap_dims(1, 2)
        .reshape([shape[0], shape[1], width]);
    let contexts = match &attention.heads {
        Some(heads) => heads.join(contexts),
        None => contexts,
    };
    (contexts, weights)
}

/// `[batch, positions, size]` to `[batch, heads, positions, size / heads]`.
pub(super) fn split(values: Tensor<3>, heads: usize) -> Tensor<4> {
    let [batch, positions, size] = values.dims();
    values
        .reshape([batch, positions, heads, size / heads])
        .swap_dims(1, 2)
}

/// v . tanh(query + key + w_c c) for each pair: `[batch, 1, queries, key]` and `[batch, 1, source, key]` to
/// `[batch, 1, queries, source]`; c, `[batch, queries, source]`, comes with w_c.
fn additive(
    query: Tensor<4>,
    keys: Tensor<4>,
    vector: Tensor<1>,
    coverage: Option<(Tensor<3>, Tensor<1>)>,
) -> Tensor<4> {
    let [batch, _, queries, size] = query.dims();
    let source = keys.dims()[2];
    let mut sum = query.reshape([batch, queries, 1, size]) + keys;
    if let Some((coverage, weight)) = coverage {
        sum = sum + coverage.unsqueeze_dim::<4>(3) * weight.reshape([1, 1, 1, size]);
    }
    sum.tanh()
        .reshape([batch * queries * source, size])
        .matmul(vector.unsqueeze_dim(1))
        .reshape([batch, 1, queries, source])
}

/// A window of 2 D + 1 positions around the position p of each query. Positions count from 0 and t is the step's number.
///
/// * Monotonic (local-m): p = t, the weights are the softmax over the window. A target longer than
///   its source stays at the source's last position.
/// * Predictive (local-p): p = S sigmoid(v . tanh(W_p q)) for a source of S positions; the softmax over
///   the window is multiplied by exp(-(i - p)^2 / (2 sigma^2)), sigma = D / 2 (equations 9 and 10). As in
///   the paper, nothing scales these weights up again: they sum to less than one.
struct Window {
    /// Where a position is too far away, `[batch, 1, queries, source]`.
    outside: Tensor<4, burn::tensor::Bool>,
    /// Gaussian factors of the weights, of that shape; predictive windows only.
    bell: Option<Tensor<4>>,
}

impl Window {
    fn of(
        attention: &Attention,
        query: &Tensor<3>,
        memory: &Memory,
        steps: QuerySteps,
    ) -> Option<Self> {
        let (window, centers) = match &attention.reach {
            Reach::Everywhere => return None,
            Reach::Monotonic { window } => (*window, follow(query, &memory.lengths, steps)),
            Reach::Predictive {
                window,
                weight,
                vector,
            } => {
                let parameters = (weight.clone(), vector.clone());
                (*window, predict(query, &memory.lengths, parameters))
            }
        };
        let source = memory.keys.dims()[1];
        let places: Vec<f32> = (0..source).map(|place| place as f32).collect();
        let places = TensorData::new(places, [1, 1, source]);
        let places = Tensor::<3>::from_data(places, &query.device());
        let distance = (places - centers.unsqueeze_dim(2)).unsqueeze_dim::<4>(1);
        let deviation = window as f32 / 2.0;
        let predicts = matches!(attention.reach, Reach::Predictive { .. });
        Some(Self {
            outside: distance.clone().abs().greater_elem(window as f32),
            bell: predicts.then(|| (distance.square() * (-0.5 / (deviation * deviation))).exp()),
        })
    }

    /// Energies of which those outside count for nothing.
    fn keep(&self, energy: Tensor<4>) -> Tensor<4> {
        energy.mask_fill(self.outside.clone(), -1e9)
    }
}

/// The step of each query, within its source: `[batch, queries]`.
fn follow(query: &Tensor<3>, lengths: &Lengths, steps: QuerySteps) -> Tensor<2> {
    let [batch, queries, _] = query.dims();
    let rows = lengths.host();
    let center = |place: usize| {
        let step = steps.step(place % queries);
        step.min(rows[place / queries].max(1) - 1) as f32
    };
    let centers: Vec<f32> = (0..batch * queries).map(center).collect();
    Tensor::from_data(TensorData::new(centers, [batch, queries]), &query.device())
}

/// The predicted position of each query, `[batch, queries]`.
pub(crate) fn predict(
    query: &Tensor<3>,
    lengths: &Lengths,
    (weight, vector): (Tensor<2>, Tensor<1>),
) -> Tensor<2> {
    let [batch, queries, size] = query.dims();
    let sizes: Vec<f32> = lengths.host().iter().map(|&length| length as f32).collect();
    let sizes = Tensor::<2>::from_data(TensorData::new(sizes, [batch, 1]), &query.device());
    let hidden = query
        .clone()
        .reshape([batch * queries, size])
        .matmul(weight);
    let place = hidden.tanh().matmul(vector.unsqueeze_dim(1));
    sigmoid(place.reshape([batch, queries])) * sizes
}

/// Penalty added to the energies of padded positions, `[batch, 1, 1, source]`, where there are any: far
/// below any energy, and far from overflow, so that exp gives exactly zero.
fn penalty(lengths: &Lengths) -> Option<Tensor<4>> {
    let mask = lengths.mask()?.clone();
    let mask = (mask.transpose() - 1.0) * 1e9;
    Some(mask.unsqueeze_dim::<3>(1).unsqueeze_dim(1))
}
