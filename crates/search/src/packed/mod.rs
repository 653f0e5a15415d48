//! Decoding step by step, for search: an encoder and a decoder whose weights are packed once for a whole
//! run.
//!
//! A search walks over *rows*: partial hypotheses, each of one sentence. Keys and values belong to sentences
//! and are shared by all their rows; a row's state is found by the index of its parent, so that nothing is
//! copied when hypotheses are reordered or sentences end. What depends on a parent alone (the products with
//! its state) is computed once for all the rows that continue it.
//!
//! No result depends on the number of threads, nor on which other rows and sentences are there: each number
//! is a sum in an order that its own row fixes.
//!
//! `H` is the decoder's hidden size, `G` its number of gates, `E` the size of a word vector, `M` of a memory
//! vector, `A` of a key, `V` the vocabulary.

mod attention_memory;
mod bridge;
mod conv_encoder;
mod convolution;
mod decoder;
mod encoder;
mod exponential;
mod heads;
mod image_encoder;
mod layer;
mod output;
mod packed_encoder;
mod past;
mod pool;
mod reader;
mod row;
mod source;
mod stack;
mod step;
#[cfg(test)]
mod tests;
mod walk;
mod weight;
mod whole;
mod window;
mod words;
mod writer;

pub use attention_memory::Memory;
pub use convolution::{ConvDecoder, ConvState};
pub use decoder::{Decoder, State};
pub use encoder::{Encoded, Encoder};
pub use weight::{Packing, Precision, Weight};
pub use whole::PackedNetwork;
pub use writer::Writer;
