//! Operations in a GPU's own memory, as `host` has them for the CPU's.
//!
//! GPUs are those of Burn's CubeCL backends, wgpu and cuda, but for builds with the feature `fusion`,
//! where Burn holds operations back to fuse them itself.

#[cfg(all(any(feature = "wgpu", feature = "cuda"), not(feature = "fusion")))]
pub(crate) mod memory;
#[cfg(all(any(feature = "wgpu", feature = "cuda"), not(feature = "fusion")))]
pub(crate) mod node;
#[cfg(all(any(feature = "wgpu", feature = "cuda"), not(feature = "fusion")))]
mod optimiser;
#[cfg(all(any(feature = "wgpu", feature = "cuda"), not(feature = "fusion")))]
pub(crate) mod workgroup_reduction;

use burn::tensor::Tensor;

/// Whether this module's operations run on `tensor`: whether it lies in a GPU's memory, and nothing
/// asked for the reference.
#[cfg(all(any(feature = "wgpu", feature = "cuda"), not(feature = "fusion")))]
pub(crate) fn runs<const D: usize>(tensor: &Tensor<D>) -> bool {
    !crate::sequence::uses_reference() && node::runs(tensor)
}

/// One step of Adam in one launch: the new values and moments, first and second. `None` where
/// `values` does not lie in a GPU's memory. Takes tensors without autodiff.
pub fn adam(
    rule: &kernels::optimiser::Adam,
    values: &Tensor<1>,
    gradient: &Tensor<1>,
    [first, second]: [&Tensor<1>; 2],
) -> Option<(Tensor<1>, [Tensor<1>; 2])> {
    #[cfg(all(any(feature = "wgpu", feature = "cuda"), not(feature = "fusion")))]
    if runs(values) {
        return Some(optimiser::adam(rule, values, gradient, [first, second]));
    }
    let _ = (rule, values, gradient, first, second);
    None
}

/// The sum of all squares, one launch a tensor. `None` where they do not lie in a GPU's memory.
/// Takes tensors without autodiff.
pub fn squared_norm(tensors: &[&Tensor<1>]) -> Option<f64> {
    #[cfg(all(any(feature = "wgpu", feature = "cuda"), not(feature = "fusion")))]
    if tensors.iter().all(|tensor| runs(tensor)) {
        return optimiser::squared_norm(tensors);
    }
    let _ = tensors;
    None
}
