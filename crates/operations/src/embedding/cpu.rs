//! Lookup of word vectors, with dropout. The gradient of the table is dense, but only the rows of words that
//! occur are touched once it is zero.

use rayon::prelude::*;

use crate::dropout::cpu::{AddProduct, Product};
use kernels::instruction_sets::Capped;
use kernels::lanes::AddScaled;
use kernels::storage;

/// Vectors that one task looks up.
const TASK_VECTORS: usize = 64;

/// Sizes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// `V`, words.
    pub words: usize,
    /// `E`, numbers of one word vector.
    pub width: usize,
}

/// Inputs of the lookup beside the table.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// `[N]`: rows of the table, time-major.
    pub ids: &'a [i32],
    /// Dropout's factors, `[N, E]`, or `[B, E]` where all time steps share them, or empty for none.
    pub factors: &'a [f32],
}

impl<'a> Inputs<'a> {
    fn check(&self, shape: Shape) {
        let Shape { words, width } = shape;
        assert!(width > 0, "no word vector is empty");
        let known = |&id: &i32| usize::try_from(id).is_ok_and(|id| id < words);
        assert!(
            self.ids.iter().all(known),
            "every id is one of {words} words"
        );
        let period = self.factors.len();
        assert!(
            period == 0 || (self.ids.len() * width).is_multiple_of(period),
            "factors is [N, E], [B, E] or empty"
        );
    }

    /// The factors of the vector at `place`; none are empty.
    fn factors(&self, place: usize, width: usize) -> Option<&'a [f32]> {
        let rows = self.factors.len() / width;
        (rows > 0).then(|| &self.factors[place % rows * width..][..width])
    }
}

/// The word vectors, `[N, E]`, of a `table`, `[V, E]`.
///
/// # Panics
/// When a slice has another length than its documented shape, or an id is no row of the table.
pub fn forward(shape: Shape, table: &[f32], inputs: &Inputs) -> Vec<f32> {
    inputs.check(shape);
    let Shape { words, width } = shape;
    assert_eq!(table.len(), words * width, "table is [V, E]");
    let mut out = storage::list(inputs.ids.len() * width);
    out.par_chunks_mut(TASK_VECTORS * width)
        .zip(inputs.ids.par_chunks(TASK_VECTORS))
        .enumerate()
        .for_each(|(task, (out, ids))| {
            for (at, (out, &id)) in out.chunks_exact_mut(width).zip(ids).enumerate() {
                let values = &table[id as usize * width..][..width];
                match inputs.factors(task * TASK_VECTORS + at, width) {
                    Some(factors) => Product {
                        values,
                        factors,
                        out,
                    }
                    .run(),
                    None => out.copy_from_slice(values),
                }
            }
        });
    out
}

/// The gradient of the table, `[V, E]`, from that of the word vectors, `[N, E]`. A word that occurs several
/// times sums its gradients in the order of their places.
///
/// # Panics
/// When a slice has another length than its documented shape, or an id is no row of the table.
pub fn backward(shape: Shape, inputs: &Inputs, gradient: &[f32]) -> Vec<f32> {
    inputs.check(shape);
    let Shape { words, width } = shape;
    assert_eq!(
        gradient.len(),
        inputs.ids.len() * width,
        "gradient is [N, E]"
    );
    let mut table = storage::list(words * width);
    // Each task has some words to itself and passes over the others.
    let each = words.div_ceil(rayon::current_num_threads().max(1)).max(1);
    table
        .par_chunks_mut(each * width)
        .enumerate()
        .for_each(|(task, table)| {
            table.fill(0.0);
            let gradients = gradient.chunks_exact(width).zip(inputs.ids).enumerate();
            for (place, (values, &id)) in gradients {
                let Some(row) = (id as usize).checked_sub(task * each) else {
                    continue;
                };
                let Some(out) = table.get_mut(row * width..(row + 1) * width) else {
                    continue;
                };
                match inputs.factors(place, width) {
                    Some(factors) => AddProduct {
                        values,
                        factors,
                        out,
                    }
                    .run(),
                    None => AddScaled {
                        scale: 1.0,
                        input: values,
                        output: out,
                    }
                    .run(),
                }
            }
        });
    table
}
