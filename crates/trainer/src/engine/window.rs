//! Totals over some updates.

use serde::Serialize;

use crate::signal::Tally;

/// A line of `metrics.jsonl` about some updates.
#[derive(Debug, Serialize)]
pub(super) struct Record {
    pub(super) kind: &'static str,
    pub(super) step: u64,
    pub(super) epoch: u64,
    pub(super) loss: f64,
    pub(super) learning_rate: f64,
    pub(super) gradient_norm: f64,
    pub(super) tokens_per_second: f64,
    pub(super) padding: f64,
    /// The share of the time that updates waited for their batches.
    pub(super) data_wait: f64,
    /// The share of right words that the decoder reads, at the last of these updates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) teacher_forcing: Option<f64>,
    /// For each target token that has links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alignment_loss: Option<f64>,
    /// For each sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expected_risk: Option<f64>,
}

/// Totals since the last record.
#[derive(Debug, Default)]
pub(super) struct Window {
    pub(super) loss: f64,
    pub(super) tokens: usize,
    pub(super) filled: usize,
    pub(super) places: usize,
    pub(super) seconds: f64,
    /// Seconds that updates waited for their batches, beside the others.
    pub(super) waited: f64,
    pub(super) norm: f64,
    pub(super) tally: Tally,
}

impl Window {
    pub(super) fn loss(&self) -> f64 {
        self.loss / self.tokens.max(1) as f64
    }

    pub(super) fn speed(&self) -> f64 {
        self.tokens as f64 / self.seconds.max(1e-9)
    }

    pub(super) fn data_wait(&self) -> f64 {
        self.waited / (self.seconds + self.waited).max(1e-9)
    }

    pub(super) fn padding(&self) -> f64 {
        1.0 - self.filled as f64 / self.places.max(1) as f64
    }
}
