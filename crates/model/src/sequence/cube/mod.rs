//! The sequence operations on a GPU: programs of our own between Burn's matrix products.
//!
//! Each operation is one node of the autodiff graph with a hand-written backward pass; the `kernels`
//! crate, which does the same on the CPU, has the mathematics in words. On wgpu and cuda what a
//! recurrent model costs is mostly its launches: here a step of a layer takes two of them, one
//! matrix product and one program, where the plain tensor operations take dozens.

mod attention;
mod cell;
mod cross_entropy;
mod decoder;
mod recurrent;
mod search;

pub(super) use cross_entropy::cross_entropy;
pub(super) use decoder::decode;
pub(super) use recurrent::recurrent;
pub(super) use search::decoding;
