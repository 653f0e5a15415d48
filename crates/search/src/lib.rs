//! Search: from a model's step-by-step predictions to sentences.
//!
//! A kind of search is written once, over [`Steps`]. Whatever gives steps is a [`Model`]: a network whose weights are
//! [`packed`] for the CPU, or tensors on any device elsewhere. A [`Searcher`] holds one model or several.

mod allocation;
mod beam;
mod best;
mod config;
mod constraints;
mod ensemble;
mod error;
mod exhaustive;
mod favour;
mod greedy;
mod method;
pub mod packed;
mod required;
mod rules;
mod sample;
mod score;
mod searcher;
mod steps;
mod stopping;
mod task;
mod trace;

pub use best::best_words;
pub use config::SearchConfig;
pub use constraints::Constraints;
pub use ensemble::Average;
pub use error::SearchError;
pub use favour::Favour;
pub use method::{Method, Utility};
pub use packed::Precision;
pub use score::Normalization;
pub use searcher::Searcher;
pub use steps::{Answer, Ask, Candidate, Model, Steps};
pub use stopping::EarlyStopping;
pub use task::{Ending, Task};

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
