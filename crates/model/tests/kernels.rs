//! Every kernel of the CPU by itself against its reference in plain tensors, which another backend runs:
//! results and all gradients, for ragged batches, single steps, single sentences, odd sizes and many rows.

#![cfg(feature = "ndarray")]
#![allow(deprecated)] // The ndarray backend is kept for choice; upstream marks it deprecated.

mod operations;

use burn::tensor::Device;

use operations::{SIZES, all, assert_close};

#[test]
fn every_kernel_agrees_with_its_reference_at_all_sizes() {
    for sizes in &SIZES {
        for operation in all() {
            let found = operation.outcome(sizes, &Device::flex());
            let wanted = operation.outcome(sizes, &Device::ndarray());
            assert_close(&operation.name(sizes), &found, &wanted, 1.0);
        }
    }
}
