//! Gradients of queries, keys and memory.

use std::ops::Range;

use rayon::prelude::*;

use super::{Inputs, Shape, tasks};
use crate::attention::cpu::row::AttendBackward;
use kernels::instruction_sets::Capped;
use kernels::lanes::column_sums;
use kernels::rows;
use kernels::storage::zeros;

/// Gradients of attention's inputs, in their shapes.
#[derive(Clone, Debug)]
pub struct Gradients {
    /// `[T, B, A]`
    pub queries: Vec<f32>,
    /// `[B, S, A]`, zero at padded source positions.
    pub keys: Vec<f32>,
    /// `[B, S, M]`, zero at padded source positions.
    pub memory: Vec<f32>,
    /// `[A]` for the additive energy, else empty.
    pub vector: Vec<f32>,
}

/// The gradients of [`super::forward`]'s inputs from `grad_contexts`, `[T, B, M]`, and `grad_weights`,
/// `[T, B, S]` or empty for none, with the `weights` that it gave.
///
/// # Panics
/// When a slice has another length than its documented shape.
pub fn backward(
    shape: Shape,
    inputs: &Inputs,
    weights: &[f32],
    grad_contexts: &[f32],
    grad_weights: &[f32],
) -> Gradients {
    inputs.check(shape);
    let Shape {
        time,
        batch,
        source,
        memory,
        keys,
    } = shape;
    assert_eq!(weights.len(), time * batch * source, "weights is [T, B, S]");
    assert_eq!(
        grad_contexts.len(),
        time * batch * memory,
        "grad_contexts is [T, B, M]"
    );
    assert!(
        [0, weights.len()].contains(&grad_weights.len()),
        "grad_weights is [T, B, S]"
    );
    let vector_width = if inputs.energy.is_additive() { keys } else { 0 };
    let mut grad_queries = zeros(time * batch * keys);
    let mut grad_keys = zeros(batch * source * keys);
    let mut grad_memory = zeros(batch * source * memory);
    // One sum a row, so that the order of summation does not depend on the threads.
    let mut grad_vectors = zeros(batch * vector_width);
    let ranges = tasks(batch);
    rows::split(&mut grad_queries, time, keys, &ranges)
        .into_par_iter()
        .zip(rows::split(&mut grad_keys, 1, source * keys, &ranges))
        .zip(rows::split(&mut grad_memory, 1, source * memory, &ranges))
        .zip(rows::split(&mut grad_vectors, 1, vector_width, &ranges))
        .zip(&ranges)
        .for_each(|((((queries, keys), memory), vectors), rows)| {
            Part {
                shape,
                inputs,
                weights,
                grad_contexts,
                grad_weights,
                rows: rows.clone(),
                queries,
                keys,
                memory,
                vectors,
            }
            .run();
        });
    Gradients {
        queries: grad_queries,
        keys: grad_keys,
        memory: grad_memory,
        vector: column_sums(&grad_vectors, vector_width),
    }
}

/// Some rows of the batch; lists are over time, those of what has no time hold one slice.
struct Part<'a> {
    shape: Shape,
    inputs: &'a Inputs<'a>,
    weights: &'a [f32],
    grad_contexts: &'a [f32],
    grad_weights: &'a [f32],
    rows: Range<usize>,
    queries: Vec<&'a mut [f32]>,
    keys: Vec<&'a mut [f32]>,
    memory: Vec<&'a mut [f32]>,
    vectors: Vec<&'a mut [f32]>,
}

impl Part<'_> {
    fn run(mut self) {
        let Shape {
            time,
            batch,
            source,
            memory,
            keys,
        } = self.shape;
        let mut grad_weights = vec![0.0; source];
        let vector_width = self.vectors[0].len() / self.rows.len();
        for (row, index) in self.rows.clone().enumerate() {
            let sentence = self.inputs.sentence(self.shape, index);
            let length = self.inputs.lengths[index];
            for time in 0..time {
                let at = time * batch + index;
                let grad_weights = &mut grad_weights[..length];
                match self.grad_weights.get(at * source..at * source + length) {
                    Some(given) => grad_weights.copy_from_slice(given),
                    None => grad_weights.fill(0.0),
                }
                AttendBackward {
                    sentence,
                    query: &self.inputs.queries[at * keys..][..keys],
                    weights: &self.weights[at * source..][..length],
                    grad_context: &self.grad_contexts[at * memory..][..memory],
                    grad_weights,
                    grad_keys: &mut self.keys[0][row * source * keys..][..length * keys],
                    grad_memory: &mut self.memory[0][row * source * memory..][..length * memory],
                    grad_query: &mut self.queries[time][row * keys..][..keys],
                    grad_vector: &mut self.vectors[0][row * vector_width..][..vector_width],
                    grad_sums: &mut [],
                    grad_coverage: &mut [],
                }
                .run();
            }
        }
    }
}
