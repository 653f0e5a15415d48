//! The interface of all decoders.

use super::attention_memory::Memory;
use super::encoder::Encoded;
use crate::steps::{Answer, Ask};

/// A decoder, step by step.
pub trait Writer {
    /// The rows of a batch between steps.
    type State;

    /// Returns the memory of a batch, the same over all steps, and its first state: a row for each sentence.
    fn start(&self, encoded: Encoded) -> (Memory, Self::State);

    /// One step. Row `i` continues row `parents[i]` of the step before with `words[i]`; a sentence without
    /// rows has left.
    ///
    /// # Panics
    /// When a word or a parent does not exist.
    fn step(
        &self,
        words: &[u32],
        parents: &[usize],
        memory: &Memory,
        state: &mut Self::State,
        ask: &Ask,
    ) -> Answer;
}
