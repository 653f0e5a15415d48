//! Operations in a GPU's own memory, as `host` has them for the CPU's.
//!
//! GPUs are those of Burn's CubeCL backends, wgpu and cuda, but for builds with the feature `fusion`,
//! where Burn holds operations back to fuse them itself.

#[cfg(gpu)]
pub(crate) mod layout;
#[cfg(gpu)]
pub(crate) mod node;
#[cfg(gpu)]
pub(crate) mod workgroup_reduction;

#[cfg(gpu)]
use burn::tensor::Tensor;

/// Whether a GPU's operations run on `tensor`: whether it lies in a GPU's memory, and nothing
/// asked for the reference.
#[cfg(gpu)]
pub(crate) fn runs<const D: usize>(tensor: &Tensor<D>) -> bool {
    !crate::uses_reference() && node::runs(tensor)
}
