//! Search: from a model's step-by-step predictions to sentences.
//!
//! A kind of search is written once, over [`Steps`]. Two things give steps: plain tensors, on any backend,
//! and the CPU's own kernels. A [`Searcher`] chooses between them and is kept for a whole run.

mod allocation;
mod beam;
mod config;
mod constraints;
mod ensemble;
mod error;
mod exhaustive;
mod favour;
mod greedy;
mod method;
mod packed;
mod required;
mod rules;
mod sample;
mod score;
mod searcher;
mod steps;
mod stopping;
mod task;
mod tensors;
#[cfg(test)]
mod tests;
mod trace;

pub use config::SearchConfig;
pub use constraints::Constraints;
pub use ensemble::{Average, score};
pub use error::SearchError;
pub use favour::Favour;
pub use kernels::search::Precision;
pub use method::{Method, Utility};
pub use score::Normalization;
pub use searcher::Searcher;
pub use steps::{Answer, Ask, Candidate, Steps};
pub use stopping::EarlyStopping;
pub use task::{Ending, Task};

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

/// One translation.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// The words, without start mark; the end mark is last unless the length limit cut it off.
    pub tokens: Vec<u32>,
    /// The model's log-probability of them (natural logarithm).
    pub log_probability: f64,
    /// The log-probability made comparable over lengths, less the penalty for coverage; what hypotheses are
    /// ranked by.
    pub score: f64,
    /// For each word, the weight of each source position (padding left out); empty without
    /// attention.
    pub attention: Vec<Vec<f32>>,
}

/// Greedy search, whatever the config's method, with a model that is prepared for this batch alone; see [`Searcher`].
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
        attention,
        ..Task::new(config, marks)
    };
    Searcher::new(model, Precision::Full, config.favour).greedy(source.into(), &task)
}

/// Beam search, in groups if the config's method has them, with a model that is prepared for this batch alone; see [`Searcher`].
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
        n_best,
        attention,
        ..Task::new(config, marks)
    };
    Searcher::new(model, Precision::Full, config.favour).beam(source.into(), &task)
}
