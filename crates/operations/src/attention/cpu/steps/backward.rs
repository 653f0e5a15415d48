//! Gradients, from the last step to the first.

use super::forward::{Saved, Weights};
use super::inputs::{Inputs, Reach, Shape};
use super::reading::Reading;
use crate::attention::cpu::row::AttendBackward;
use crate::attention::window::center_backward;
use crate::span::{at, rows_each, step};
use kernels::buffer::Buffer;
use kernels::instruction_sets::Capped;
use kernels::lanes::column_sums;
use kernels::matmul::{Matrix, matmul, matmul_packed};
use kernels::parallel;
use kernels::storage::{list, zeros};

/// Gradients of [`Inputs`], in their shapes; empty where they are.
#[derive(Clone, Debug)]
pub struct Gradients {
    /// `[B, N, S, M / N]`, zero at padded source positions.
    pub memory: Vec<f32>,
    /// `[B, N, S, A / N]`, zero at padded source positions.
    pub keys: Vec<f32>,
    /// `[H, A]`
    pub query_weight: Vec<f32>,
    /// `[A]` for the additive energy.
    pub query_bias: Vec<f32>,
    /// `[A]` for the additive energy.
    pub vector: Vec<f32>,
    /// `[A]` with coverage.
    pub coverage: Vec<f32>,
    /// `[H, H]` where positions are predicted.
    pub position_weight: Vec<f32>,
    /// `[H]` where positions are predicted.
    pub position_vector: Vec<f32>,
}

/// Gradients on the way from the last step to the first.
pub(crate) struct WalkBack<'a> {
    shape: Shape,
    inputs: &'a Inputs<'a>,
    saved: &'a Saved,
    /// `[T, B, S]`, or none.
    grad_weights: &'a [f32],
    /// Transposed.
    packed: Weights,
    /// `[T, B, A]`; empty where states are queries.
    queries: Buffer,
    /// `[B, N, S, M / N]`
    memory: Vec<f32>,
    /// `[B, N, S, A / N]`
    keys: Vec<f32>,
    /// `[B, A]` for the additive energy, else empty: one sum a row, so that the order of summation does not depend
    /// on the threads.
    vectors: Vec<f32>,
    /// `[B, A]`: of what sums are multiplied by, one sum a row; empty without coverage.
    coverage: Vec<f32>,
    /// `[T, B, H]`: before the tangent that predicts positions; empty where none are predicted.
    squashed: Buffer,
    /// `[B, H]`: of the vector that predicts positions, one sum a row.
    position_vectors: Vec<f32>,
    /// `[B, N, S]`: of the step's weights.
    weights: Buffer,
    /// `[B, S]`: of the sums of weights, from the steps after; empty without coverage.
    sums: Vec<f32>,
}

impl<'a> WalkBack<'a> {
    pub fn new(
        shape: Shape,
        inputs: &'a Inputs<'a>,
        saved: &'a Saved,
        grad_weights: &'a [f32],
    ) -> Self {
        let Shape {
            time,
            batch,
            source,
            hidden,
            memory,
            keys,
            heads,
        } = shape;
        let position_width = inputs.reach.width(hidden);
        let covered = match inputs.coverage {
            [] => 0,
            _ => source,
        };
        assert!(
            [0, time * batch * source].contains(&grad_weights.len()),
            "grad_weights is [T, B, S]"
        );
        Self {
            shape,
            inputs,
            saved,
            grad_weights,
            packed: Weights::new(shape, inputs, true),
            queries: Buffer::zeros(time * batch * inputs.query_width(shape)),
            memory: zeros(batch * source * memory),
            keys: zeros(batch * source * keys),
            vectors: zeros(batch * inputs.query_bias.len()),
            coverage: zeros(batch * inputs.coverage.len()),
            squashed: Buffer::new(time * batch * position_width),
            position_vectors: zeros(batch * position_width),
            weights: Buffer::new(batch * heads * source),
            sums: zeros(batch * covered),
        }
    }

    /// Adds the gradient of the states `[B, H]` that asked at step `time` to `gradient`, from that of the contexts,
    /// `[B, M]`.
    pub fn attend(&mut self, time: usize, state: &[f32], context: &[f32], gradient: &mut [f32]) {
        let Shape {
            batch,
            source,
            hidden,
            memory,
            keys,
            heads,
            ..
        } = self.shape;
        let (shape, inputs) = (self.shape, self.inputs);
        let queries = match self.packed.query.is_some() {
            true => &self.saved.queries[step(time, batch, keys)],
            false => state,
        };
        let weights = &self.saved.weights[step(time, batch, heads * source)];
        let reading = Reading::at(shape, inputs, time, &self.saved.sums, &self.saved.centers);
        match at(self.grad_weights, time, batch * source) {
            [] => self.weights.fill(0.0),
            // The weights given out are the mean of the heads'.
            given => {
                let rows = self.weights.chunks_exact_mut((heads * source).max(1));
                for (row, given) in rows.zip(given.chunks_exact(source)) {
                    for head in row.chunks_exact_mut(source) {
                        for (grad, given) in head.iter_mut().zip(given) {
                            *grad = given / heads as f32;
                        }
                    }
                }
            }
        }
        // A weight counts in all the sums after it.
        for (grad, sum) in self.weights.iter_mut().zip(&self.sums) {
            *grad += sum;
        }
        let each = rows_each(batch);
        let grad_queries: &mut [f32] = match self.packed.query {
            Some(_) => &mut self.queries[step(time, batch, keys)],
            None => &mut *gradient,
        };
        let mut grad_vectors = self.vectors.chunks_mut(each * keys);
        let mut grad_sums = self.sums.chunks_mut((each * source).max(1));
        let mut grad_coverage = self.coverage.chunks_mut(each * keys);
        let mut grad_centers = vec![0.0; batch];
        let parts = grad_queries
            .chunks_mut(each * keys)
            .zip(self.weights.chunks_mut((each * heads * source).max(1)))
            .zip(self.keys.chunks_mut((each * source * keys).max(1)))
            .zip(self.memory.chunks_mut((each * source * memory).max(1)))
            .zip(grad_centers.chunks_mut(each))
            .enumerate()
            .map(|part| {
                let more = [&mut grad_vectors, &mut grad_coverage].map(|list| list.next());
                (part, more, grad_sums.next().unwrap_or_default())
            })
            .collect();
        parallel::each(
            parts,
            |((part, ((((queries_, grads), keys_), memory_), centers)), more, sums)| {
                let [vectors, coverage] = more.map(Option::unwrap_or_default);
                let (key, value) = (keys / heads, memory / heads);
                for (place, grad_query) in queries_.chunks_exact_mut(key).enumerate() {
                    let (row, head) = (part * each + place / heads, place % heads);
                    let positions = reading.positions(row);
                    let (start, end) = (positions.start, positions.end);
                    let here = |width: usize| {
                        (place * source + start) * width..(place * source + end) * width
                    };
                    let own = place * keys..(place + 1) * keys;
                    let answer = row * heads + head;
                    let center = AttendBackward {
                        sentence: reading.sentence(row, head, &positions),
                        query: &queries[answer * key..(answer + 1) * key],
                        weights: &weights[answer * source..][start..end],
                        grad_context: &context[answer * value..(answer + 1) * value],
                        grad_weights: &mut grads[here(1)],
                        grad_keys: &mut keys_[here(key)],
                        grad_memory: &mut memory_[here(value)],
                        grad_query,
                        grad_vector: vectors.get_mut(own.clone()).unwrap_or_default(),
                        grad_sums: sums.get_mut(here(1)).unwrap_or_default(),
                        grad_coverage: coverage.get_mut(own).unwrap_or_default(),
                    }
                    .run();
                    // One head has a center; with several none is predicted.
                    centers[place / heads] = center;
                }
            },
        );
        if let Some(weight) = &self.packed.query {
            let of_queries = Matrix::new(&self.queries[step(time, batch, keys)], batch, keys);
            matmul_packed(of_queries, weight, gradient, true);
        }
        if let (Reach::Predictive { vector, .. }, Some(weight)) =
            (inputs.reach, &self.packed.position)
        {
            let now = step(time, batch, hidden);
            let rows = self.squashed[now.clone()]
                .chunks_exact_mut(hidden)
                .zip(self.saved.squashed[now.clone()].chunks_exact(hidden))
                .zip(self.position_vectors.chunks_exact_mut(hidden));
            for (row, ((of_row, squashed), grad_vector)) in rows.enumerate() {
                let (center, length) = (reading.centers[row], inputs.lengths[row]);
                let scale = center_backward(center, length, grad_centers[row]);
                for (unit, of_unit) in of_row.iter_mut().enumerate() {
                    let value = squashed[unit];
                    grad_vector[unit] += scale * value;
                    *of_unit = scale * vector[unit] * (1.0 - value * value);
                }
            }
            let of_positions = Matrix::new(&self.squashed[now], batch, hidden);
            matmul_packed(of_positions, weight, gradient, true);
        }
    }

    /// All gradients; `states` are those that asked, of all steps, `[H, T * B]`.
    pub fn finish(self, states: Matrix<'_>) -> Gradients {
        let Shape {
            time,
            batch,
            hidden,
            ..
        } = self.shape;
        let product = |of: &[f32], width: usize| {
            let mut out = list(hidden * width);
            matmul(
                states,
                Matrix::new(of, time * batch, width),
                &mut out,
                false,
            );
            out
        };
        let position_width = self.inputs.reach.width(hidden);
        let biased = self.inputs.query_bias.len();
        Gradients {
            query_weight: product(&self.queries, self.inputs.query_width(self.shape)),
            query_bias: column_sums(&self.queries, biased),
            vector: column_sums(&self.vectors, biased),
            coverage: column_sums(&self.coverage, self.inputs.coverage.len()),
            position_weight: product(&self.squashed, position_width),
            position_vector: column_sums(&self.position_vectors, position_width),
            memory: self.memory,
            keys: self.keys,
        }
    }
}
