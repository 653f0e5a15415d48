//! Weights and contexts.

use std::ops::Range;

use rayon::prelude::*;

use super::{Inputs, Shape, tasks};
use crate::attention::cpu::row::Attend;
use kernels::instruction_sets::Capped;
use kernels::{rows, storage};

/// Results of attention.
#[derive(Clone, Debug)]
pub struct Forward {
    /// `[T, B, M]`
    pub contexts: Vec<f32>,
    /// `[T, B, S]`, zero at padded source positions; the backward pass needs them.
    pub weights: Vec<f32>,
}

/// Answers all queries.
///
/// # Panics
/// When a slice has another length than its documented shape.
pub fn forward(shape: Shape, inputs: &Inputs) -> Forward {
    inputs.check(shape);
    let Shape {
        time,
        batch,
        source,
        memory: width,
        ..
    } = shape;
    let mut contexts = storage::list(time * batch * width);
    let mut weights = vec![0.0; time * batch * source];
    let ranges = tasks(batch);
    rows::split(&mut contexts, time, width, &ranges)
        .into_par_iter()
        .zip(rows::split(&mut weights, time, source, &ranges))
        .zip(&ranges)
        .for_each(|((contexts, weights), rows)| {
            Part {
                shape,
                inputs,
                rows: rows.clone(),
                contexts,
                weights,
            }
            .run();
        });
    Forward { contexts, weights }
}

/// Some rows of the batch; lists are over time.
struct Part<'a> {
    shape: Shape,
    inputs: &'a Inputs<'a>,
    rows: Range<usize>,
    contexts: Vec<&'a mut [f32]>,
    weights: Vec<&'a mut [f32]>,
}

impl Part<'_> {
    fn run(mut self) {
        let Shape {
            batch,
            source,
            memory,
            keys,
            ..
        } = self.shape;
        for (row, index) in self.rows.clone().enumerate() {
            let sentence = self.inputs.sentence(self.shape, index);
            let length = self.inputs.lengths[index];
            for time in 0..self.shape.time {
                let context = &mut self.contexts[time][row * memory..][..memory];
                context.fill(0.0);
                Attend {
                    sentence,
                    query: &self.inputs.queries[(time * batch + index) * keys..][..keys],
                    weights: &mut self.weights[time][row * source..][..length],
                    context,
                }
                .run();
            }
        }
    }
}
