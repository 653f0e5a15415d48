//! Encoder-decoders as ONNX graphs, in operators that every runtime has.
//!
//! What each part computes is what [`network`] describes and `search` computes; a graph has it in standard operators of
//! version 17, batches of any size and length, padded as a mask says.

mod arithmetic;
mod attention;
mod bridge;
mod cell;
mod decoder;
mod encoder;
mod graph;
mod layout;
mod memory;
mod pool;
mod proto;
mod stack;

pub use layout::{Greedy, Steps, greedy, steps};
