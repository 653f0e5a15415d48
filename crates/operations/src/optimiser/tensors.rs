//! On a GPU's tensors.

use burn::tensor::Tensor;

use super::cpu::Adam;
#[cfg(gpu)]
use super::gpu;
#[cfg(gpu)]
use crate::gpu::runs;

/// One step of Adam in one launch: the new values and moments, first and second. `None` where
/// `values` does not lie in a GPU's memory. Takes tensors without autodiff.
pub fn adam(
    rule: &Adam,
    values: &Tensor<1>,
    gradient: &Tensor<1>,
    [first, second]: [&Tensor<1>; 2],
) -> Option<(Tensor<1>, [Tensor<1>; 2])> {
    #[cfg(gpu)]
    if runs(values) {
        return Some(gpu::adam(rule, values, gradient, [first, second]));
    }
    let _ = (rule, values, gradient, first, second);
    None
}

/// The sum of all squares, one launch a tensor. `None` where they do not lie in a GPU's memory.
/// Takes tensors without autodiff.
pub fn squared_norm(tensors: &[&Tensor<1>]) -> Option<f64> {
    #[cfg(gpu)]
    if tensors.iter().all(|tensor| runs(tensor)) {
        return gpu::squared_norm(tensors);
    }
    let _ = tensors;
    None
}
