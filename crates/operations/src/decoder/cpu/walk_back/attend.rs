//! A step's attention on the way back.

use super::WalkBack;
use crate::attention::cpu::row::AttendBackward;
use crate::attention::window::center_backward;
use crate::decoder::cpu::inputs::{Reach, Shape};
use crate::decoder::cpu::reading::Reading;
use crate::decoder::cpu::span::{at, rows_each, step};
use kernels::instruction_sets::Capped;
use kernels::matmul::{Matrix, matmul_packed};
use kernels::parallel;

impl WalkBack<'_> {
    /// Adds the gradient of the state that asked to `self.state`, or, where that is the state before the step, to
    /// what the top layer carries.
    pub(super) fn attend(&mut self, time: usize) {
        let Shape {
            batch,
            source,
            hidden,
            memory,
            keys,
            heads,
            ..
        } = self.shape;
        let (shape, inputs, context) = (self.shape, self.inputs, &self.context);
        let top = self.layers.len() - 1;
        let now = step(time, batch, hidden);
        let queries = match (self.packed.query.is_some(), inputs.before) {
            (true, _) => &self.saved.queries[step(time, batch, keys)],
            (false, true) => &self.saved.layers[top].states[now],
            (false, false) => &self.saved.layers[top].outputs(batch * hidden)[now],
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
        let state: &mut [f32] = match inputs.before {
            true => &mut self.layers[top].carried,
            false => &mut self.state,
        };
        let each = rows_each(batch);
        let grad_queries: &mut [f32] = match self.packed.query {
            Some(_) => &mut self.queries[step(time, batch, keys)],
            None => &mut *state,
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
            let gradient = Matrix::new(&self.queries[step(time, batch, keys)], batch, keys);
            matmul_packed(gradient, weight, state, true);
        }
        if let (Reach::Predictive { vector, .. }, Some(weight)) =
            (inputs.reach, &self.packed.position)
        {
            let now = step(time, batch, hidden);
            let rows = self.squashed[now.clone()]
                .chunks_exact_mut(hidden)
                .zip(self.saved.squashed[now.clone()].chunks_exact(hidden))
                .zip(self.position_vectors.chunks_exact_mut(hidden));
            for (row, ((gradient, squashed), grad_vector)) in rows.enumerate() {
                let (center, length) = (reading.centers[row], inputs.lengths[row]);
                let scale = center_backward(center, length, grad_centers[row]);
                for (unit, gradient) in gradient.iter_mut().enumerate() {
                    let value = squashed[unit];
                    grad_vector[unit] += scale * value;
                    *gradient = scale * vector[unit] * (1.0 - value * value);
                }
            }
            let gradient = Matrix::new(&self.squashed[now], batch, hidden);
            matmul_packed(gradient, weight, state, true);
        }
    }
}
