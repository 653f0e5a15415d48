//! The CPU's kernels against their references, one by one: `cargo bench --profile dev -p trainer`.
//!
//! A kernel's reference is the same operation in plain tensors on the same backend, burn-flex. What
//! trains is timed forward and back, over all threads.

mod affine;
mod attention;
mod cross_entropy;
mod decoder;
mod dropout;
mod embedding;
mod image;
mod matmul;
mod optimiser;
mod recurrent;
mod search;
mod subject;

use std::time::Duration;

fn main() {
    divan::Divan::default()
        .max_time(Duration::from_millis(500))
        .config_with_args()
        .main();
}
