//! In plain tensor operations.

use burn::tensor::Tensor;
use network::Padded;

use crate::dropout::Mask;
use crate::lengths::time_major;

/// See [`super::embed`].
pub(super) fn embed(table: Tensor<2>, words: Padded<'_>, mask: Option<Mask>) -> Tensor<3> {
    let size = table.dims()[1];
    let device = table.device();
    let vectors =
        table
            .select(0, time_major(&words, &device))
            .reshape([words.time, words.rows(), size]);
    match mask {
        Some(mask) => vectors * mask.tensor(&device),
        None => vectors,
    }
}
