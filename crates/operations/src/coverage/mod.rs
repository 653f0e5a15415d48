//! The coverage loss.

use burn::tensor::Tensor;

use crate::lengths::Lengths;

/// How much attention goes where it has been before: the sum over the `lengths` real steps of each
/// target, and over source positions, of the smaller of a weight and the sum of the weights before it
/// (See et al. 2017, equation 13), `[1]`. `weights` are `[time, batch, source]`.
pub fn coverage_loss(weights: Tensor<3>, lengths: &[usize]) -> Tensor<1> {
    let before = weights.clone().cumsum(0) - weights.clone();
    let mut repeated = weights.clone().min_pair(before);
    let lengths = Lengths::new(lengths, weights.dims()[0], &weights.device());
    if let Some(mask) = lengths.mask() {
        repeated = repeated * mask.clone().unsqueeze_dim(2);
    }
    repeated.sum()
}
