//! Word vectors.

use burn::module::Param;
use burn::tensor::Tensor;

use crate::dropout::Noise;
use crate::initial::Initialiser;
use network::Padded;
use operations::embedding;

/// A table of word vectors, uniform with a standard deviation of 0.1.
pub(crate) fn embedding_table(
    initial: &Initialiser,
    vocabulary: usize,
    size: usize,
) -> Param<Tensor<2>> {
    initial.uniform("embedding", [vocabulary, size], 0.1 * 3f32.sqrt())
}

/// Looks a batch up in a table of word vectors: `[time, batch, embedding]`, with dropout.
pub(crate) fn embed(
    table: &Param<Tensor<2>>,
    words: Padded<'_>,
    noise: Option<&Noise>,
) -> Tensor<3> {
    let table = table.val();
    let mask = noise.and_then(|noise| noise.mask([words.time, words.rows(), table.dims()[1]]));
    embedding::embed(table, words, mask)
}
