//! Batches of sentence pairs.

use super::{Input, Padded};

/// One batch of sentence pairs. The decoder reads `input` (from the start mark on) and is to say
/// `output` (up to the end mark).
#[derive(Debug, Clone, Copy)]
pub struct Pairs<'a> {
    /// Source words, or images.
    pub source: Input<'a>,
    /// Target words, each moved on by one place behind the start mark.
    pub input: Padded<'a>,
    /// Target words with the end mark.
    pub output: Padded<'a>,
}
