//! Search: from a model's step-by-step predictions to sentences.
//!
//! A kind of search is written once, over [`Steps`]. Two things give steps: plain tensors, on any backend,
//! and the CPU's own kernels. A [`Searcher`] chooses between them and is kept for a whole run.

mod beam;
mod greedy;
mod packed;
mod score;
mod searcher;
mod steps;
mod task;
mod tensors;
#[cfg(test)]
mod tests;
mod trace;

use serde::{Deserialize, Serialize};

pub use kernels::search::Precision;
pub use score::Normalization;
pub use searcher::Searcher;
pub use steps::{Answer, Ask, Candidate, Steps};
pub use task::Ending;

use task::Task;

use crate::input::Input;
use crate::seq2seq::Seq2Seq;

/// The ids of the special marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// Fills sentences up; never produced.
    pub pad: u32,
    /// Stands for unknown words.
    pub unknown: u32,
    /// `<s>`: what the decoder reads first; never produced.
    pub start: u32,
    /// `</s>`: ends a sentence.
    pub end: u32,
}

/// The `[search]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchConfig {
    /// Hypotheses kept side by side; 1 is greedy search.
    pub beam: usize,
    /// How a hypothesis' log-probability is made comparable over lengths.
    pub normalization: Normalization,
    /// The exponent of the length.
    pub length_penalty: f64,
    /// Most tokens of a translation, end mark included. A translation is also cut at three times
    /// its source's tokens plus ten.
    pub max_length: usize,
    /// Whether `<unk>` may be produced.
    pub allow_unknown: bool,
}

impl Default for SearchConfig {
    fn default() -> Self {
        Self {
            beam: 5,
            normalization: Normalization::Average,
            length_penalty: 1.0,
            max_length: 200,
            allow_unknown: false,
        }
    }
}

impl SearchConfig {
    /// Most tokens for a source of `source` tokens.
    fn limit(&self, source: usize) -> usize {
        self.max_length.min(3 * source + 10).max(1)
    }
}

/// One translation.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// The words, without start mark; the end mark is last unless the length limit cut it off.
    pub tokens: Vec<u32>,
    /// The model's log-probability of them (natural logarithm).
    pub log_probability: f64,
    /// The log-probability made comparable over lengths; what hypotheses are ranked by.
    pub score: f64,
    /// For each word, the weight of each source position (padding left out); empty without
    /// attention.
    pub attention: Vec<Vec<f32>>,
}

/// Greedy search with a model that is prepared for this batch alone; see [`Searcher`].
///
/// # Panics
/// When `source` is not what the model's encoder reads.
pub fn greedy<'a>(
    model: &Seq2Seq,
    source: impl Into<Input<'a>>,
    config: &SearchConfig,
    marks: &Marks,
    attention: bool,
) -> Vec<Hypothesis> {
    let task = Task {
        config,
        marks,
        ending: Ending::Marked,
        n_best: 1,
        attention,
    };
    Searcher::new(model, Precision::Full, usize::MAX).greedy(source.into(), &task)
}

/// Beam search with a model that is prepared for this batch alone; see [`Searcher`].
///
/// # Panics
/// When `source` is not what the model's encoder reads.
pub fn beam<'a>(
    model: &Seq2Seq,
    source: impl Into<Input<'a>>,
    config: &SearchConfig,
    marks: &Marks,
    n_best: usize,
    attention: bool,
) -> Vec<Vec<Hypothesis>> {
    let task = Task {
        config,
        marks,
        ending: Ending::Marked,
        n_best,
        attention,
    };
    Searcher::new(model, Precision::Full, usize::MAX).beam(source.into(), &task)
}
