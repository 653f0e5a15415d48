//! Choice of the implementation that runs an operation.

use std::sync::atomic::{AtomicBool, Ordering};

use burn::tensor::Tensor;

use crate::host;

static REFERENCE: AtomicBool = AtomicBool::new(false);

/// Makes every operation of the process run its reference from now on, on every backend; or, with
/// `false`, what is fast again. For comparisons, and to tell whether a fault is a fast operation's.
pub fn use_reference(only: bool) {
    REFERENCE.store(only, Ordering::Relaxed);
}

/// Whether every operation runs its reference.
pub fn uses_reference() -> bool {
    REFERENCE.load(Ordering::Relaxed)
}

/// Implementation of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path {
    /// The CPU's operations, on the host's own memory.
    Host,
    /// Programs of our own on a GPU.
    #[cfg(gpu)]
    Gpu,
    /// Plain tensor operations.
    Reference,
}

/// Chooses the implementation of the operations on `tensor`.
pub(crate) fn path<const D: usize>(tensor: &Tensor<D>) -> Path {
    if uses_reference() {
        return Path::Reference;
    }
    #[cfg(gpu)]
    if crate::gpu::runs(tensor) {
        return Path::Gpu;
    }
    if host::runs(tensor) {
        Path::Host
    } else {
        Path::Reference
    }
}
