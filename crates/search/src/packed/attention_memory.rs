//! Memory that the rows of a batch read: keys and values, sentence by sentence.

use std::ops::Range;

use kernels::buffer::Buffer;

/// An encoded batch as every step uses it. It belongs to the sentences; rows find theirs by index.
#[derive(Debug)]
pub struct Memory {
    /// Where each sentence begins among the positions, and the end of the last.
    pub(super) starts: Vec<usize>,
    /// `[positions, A]`; empty without attention.
    pub(super) keys: Buffer,
    /// For an additive energy: which sentences' keys are exponentials.
    pub(super) exponential: Vec<bool>,
    /// `[positions, width of a context]`: what is summed up; empty without attention.
    pub(super) values: Buffer,
    /// A fixed context's share of the first layer's gates, `[B, G*H]`; empty where there is none.
    pub(super) share: Buffer,
    /// For each sentence the weights of its positions in a fixed context; no sentences where it has none.
    pub(super) seen: Vec<Vec<f32>>,
}

impl Memory {
    /// `B`
    pub fn sentences(&self) -> usize {
        self.starts.len() - 1
    }

    /// Numbers of a value.
    pub(super) fn width(&self) -> usize {
        self.values.len() / self.starts[self.sentences()].max(1)
    }

    /// How many positions each of `sentences` has.
    pub(super) fn lengths(&self, sentences: &[usize]) -> impl Iterator<Item = usize> {
        sentences
            .iter()
            .map(|&sentence| self.positions(sentence).len())
    }

    /// The positions of a sentence.
    pub(super) fn positions(&self, sentence: usize) -> Range<usize> {
        self.starts[sentence]..self.starts[sentence + 1]
    }
}
