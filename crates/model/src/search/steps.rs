//! The seam between search and models.

pub use kernels::search::{Answer, Ask, Candidate};

/// A batch on its way through a model: all that search needs to know of it.
///
/// Search walks over rows: partial hypotheses, each of one sentence of the batch. At first there is one row
/// for each sentence.
pub trait Steps {
    /// One step: row `i` continues row `parents[i]` of the step before (at first, sentence `parents[i]`)
    /// with `words[i]`. Rows of one sentence stand together, and sentences keep their order; a sentence
    /// without rows has left for good.
    fn step(&mut self, words: &[u32], parents: &[usize], ask: &Ask) -> Answer;
}
