//! Report of a run, for programs.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize};

use crate::config::Criterion;
use crate::scores::Scores;
use crate::translator::cut_at_limit;

/// A validation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// After which update.
    pub step: u64,
    /// Negative log-likelihood a target token.
    #[serde(deserialize_with = "or_nan")]
    pub loss: f64,
    /// e to the loss.
    #[serde(deserialize_with = "or_nan")]
    pub perplexity: f64,
    /// Of greedy translations, 0 to 100.
    pub bleu: f64,
    /// Of greedy translations, 0 to 100.
    pub chrf: f64,
    /// The share of distinct sources whose greedy translation equals one of their references, 0 to 1.
    #[serde(default)]
    pub exact: f64,
    /// How many greedy translations were cut at the length limit.
    #[serde(default)]
    pub cut: usize,
}

impl Validation {
    /// That translations were cut.
    pub fn cut_line(&self) -> String {
        cut_at_limit(self.cut)
    }

    /// The number that decides.
    pub fn value(&self, criterion: Criterion) -> f64 {
        match criterion {
            Criterion::Loss => self.loss,
            Criterion::Bleu => self.bleu,
            Criterion::Chrf => self.chrf,
            Criterion::Exact => self.exact,
        }
    }
}

/// Reads a number; null, which stands for infinity or NaN in JSON, as NaN.
fn or_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

/// A finished run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The run folder.
    pub run_dir: PathBuf,
    /// Updates.
    pub steps: u64,
    /// Epochs begun.
    pub epochs: u64,
    /// Seconds of training, validation not counted.
    pub train_seconds: f64,
    /// The backend.
    pub backend: String,
    /// The best checkpoint's update.
    pub best_step: u64,
    /// The validation of the best checkpoint.
    pub valid: Option<Validation>,
    /// The last validation, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_valid: Option<Validation>,
    /// The best checkpoint on the test set, beam search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<Scores>,
    /// The best checkpoint on the unseen combinations, beam search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Scores>,
}
