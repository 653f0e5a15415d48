//! On tensors.

use burn::tensor::Tensor;
use network::Padded;

use super::cpu::{Inputs, Shape, backward, forward};
use super::reference;
use crate::dropout::Mask;
use crate::host::{Back, Operand, Operation, apply};
use crate::path::{Path, path};

/// Looks words up in a `table` of word vectors, `[vocabulary, embedding]`, and drops units of
/// them: `[time, batch, embedding]`.
pub fn embed(table: Tensor<2>, words: Padded<'_>, mask: Option<Mask>) -> Tensor<3> {
    if path(&table) == Path::Host {
        let size = table.dims()[1];
        let factors = mask.map(|mask| mask.values).unwrap_or_default();
        let vectors = fused(table, words.time_major_ids(), factors);
        return vectors.reshape([words.time, words.rows(), size]);
    }
    reference::embed(table, words, mask)
}

#[derive(Debug)]
struct Embed {
    shape: Shape,
    ids: Vec<i32>,
    factors: Vec<f32>,
}

impl Embed {
    fn inputs(&self) -> Inputs<'_> {
        Inputs {
            ids: &self.ids,
            factors: &self.factors,
        }
    }
}

impl Operation<1, 1> for Embed {
    type Saved = ();

    fn forward(&self, [table]: [&[f32]; 1], _gradients: bool) -> ([Vec<f32>; 1], ()) {
        ([forward(self.shape, table, &self.inputs())], ())
    }

    fn backward(self, back: Back<'_, (), 1, 1>) -> [Vec<f32>; 1] {
        let gradient = backward(self.shape, &self.inputs(), back.gradients[0]);
        kernels::storage::reuse(self.factors);
        [gradient]
    }
}

/// The rows `ids` of `table`, `[vocabulary, embedding]`, times dropout's `factors` (empty for
/// none): `[ids, embedding]`.
fn fused(table: Tensor<2>, ids: Vec<i32>, factors: Vec<f32>) -> Tensor<2> {
    let [words, width] = table.dims();
    let count = ids.len();
    let operation = Embed {
        shape: Shape { words, width },
        ids,
        factors,
    };
    let [vectors] = apply(operation, [Operand::new(table)], [&[count, width]]);
    vectors.tensor()
}
