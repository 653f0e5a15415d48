//! The `[valid]` table.

use metrics::bleu::Tokenize;
use serde::{Deserialize, Serialize};

use super::violation::{MOST, Violation, whole};

/// Criterion by which one validation is better than another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Criterion {
    /// A smaller loss (negative log-likelihood a token).
    Loss,
    /// A higher BLEU of greedy translations.
    Bleu,
    /// A higher chrF of greedy translations.
    Chrf,
    /// More sources whose greedy translation equals one of their references.
    Exact,
}

impl Criterion {
    /// The best value there is.
    pub fn highest(self) -> f64 {
        match self {
            Criterion::Loss => f64::INFINITY,
            Criterion::Bleu | Criterion::Chrf => 100.0,
            Criterion::Exact => 1.0,
        }
    }
}

impl std::fmt::Display for Criterion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Criterion::Loss => "loss",
            Criterion::Bleu => "bleu",
            Criterion::Chrf => "chrf",
            Criterion::Exact => "exact",
        })
    }
}

/// Validation, samples and early stopping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ValidConfig {
    /// Updates between two validations.
    pub every_steps: u64,
    /// Criterion for the best checkpoint, and for when the schedule and early stopping act.
    pub criterion: Criterion,
    /// Stop after so many validations without a new best; 0 for never.
    pub patience: usize,
    /// Translations shown at each validation.
    pub samples: usize,
    /// At most so many pairs are translated at a validation (all count for the loss); 0 for all.
    pub max_sentences: usize,
    /// sacreBLEU's tokenizer: `13a`, `zh`, `char` or `none`; found by the target's script unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokenize: Option<Tokenize>,
    /// Sentences translated side by side.
    pub batch_size: usize,
}

impl Default for ValidConfig {
    fn default() -> Self {
        Self {
            every_steps: 500,
            criterion: Criterion::Chrf,
            patience: 0,
            samples: 3,
            max_sentences: 0,
            tokenize: None,
            batch_size: 64,
        }
    }
}

impl ValidConfig {
    /// How BLEU cuts words.
    pub fn tokenize(&self) -> Tokenize {
        self.tokenize.unwrap_or_default()
    }

    /// Refuses numbers out of range.
    pub(super) fn check(&self) -> Result<(), Violation> {
        whole("valid.every_steps", self.every_steps, 1..=MOST)?;
        whole("valid.patience", self.patience as u64, 0..=MOST)?;
        whole("valid.samples", self.samples as u64, 0..=MOST)?;
        whole("valid.max_sentences", self.max_sentences as u64, 0..=MOST)?;
        whole("valid.batch_size", self.batch_size as u64, 1..=1_000_000)
    }
}
