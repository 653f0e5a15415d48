//! How hypotheses of different lengths are compared.

use serde::{Deserialize, Serialize};

use super::SearchConfig;

/// The family of normalisations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Normalization {
    /// The log-probability itself.
    None,
    /// log-probability / length^penalty; the length counts the end mark.
    Average,
    /// log-probability / ((5 + length) / 6)^penalty (Wu et al. 2016, equation 14).
    Gnmt,
}

/// A source position that was looked at less counts as if it had been looked at so much, so that no score is
/// infinite.
const LEAST_SEEN: f64 = 1e-6;

impl SearchConfig {
    /// The score of a hypothesis of `length` tokens, end mark included.
    pub(super) fn score(&self, log_probability: f64, length: usize) -> f64 {
        let length = length.max(1) as f64;
        let divisor = match self.normalization {
            Normalization::None => 1.0,
            Normalization::Average => length.powf(self.length_penalty),
            Normalization::Gnmt => ((5.0 + length) / 6.0).powf(self.length_penalty),
        };
        log_probability / divisor
    }

    /// Returns the penalty of a hypothesis that looked at the source with `weights`, `[tokens][positions]`, for what it
    /// left out: beta times the sum over the positions of log(min(sum of their weights, 1)), never above zero.
    pub(super) fn coverage(&self, weights: &[Vec<f32>]) -> f64 {
        let positions = weights.first().map_or(0, Vec::len);
        if self.coverage_penalty == 0.0 {
            return 0.0;
        }
        let seen = |position: usize| {
            weights
                .iter()
                .map(|row| f64::from(row[position]))
                .sum::<f64>()
        };
        let loss = |position| seen(position).clamp(LEAST_SEEN, 1.0).ln();
        self.coverage_penalty * (0..positions).map(loss).sum::<f64>()
    }

    /// No continuation of a hypothesis of `length` tokens scores better than this.
    ///
    /// Log-probabilities only fall, so the best case keeps today's and loses nothing for coverage; which length
    /// suits it best depends on the sign of the penalty.
    pub(super) fn bound(&self, log_probability: f64, length: usize, limit: usize) -> f64 {
        self.score(log_probability, length + 1)
            .max(self.score(log_probability, limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn coverage_counts_what_was_left_out() {
        let config = SearchConfig {
            coverage_penalty: 0.5,
            ..SearchConfig::default()
        };
        let weights = [vec![0.5, 0.5, 0.0], vec![0.75, 0.25, 0.0]];
        let wanted = 0.5 * (0.75f64.ln() + LEAST_SEEN.ln());
        assert!((config.coverage(&weights) - wanted).abs() < 1e-12);
        assert_eq!(config.coverage(&[]), 0.0);
        assert_eq!(SearchConfig::default().coverage(&weights), 0.0);
    }

    proptest! {
        #[test]
        fn nothing_beats_the_bound(
            start in -50.0f64..0.0,
            lost in 0.0f64..10.0,
            length in 1usize..20,
            more in 1usize..20,
            penalty in -1.0f64..2.0,
            kind in 0usize..3,
        ) {
            let kinds = [Normalization::None, Normalization::Average, Normalization::Gnmt];
            let config = SearchConfig {
                normalization: kinds[kind],
                length_penalty: penalty,
                ..SearchConfig::default()
            };
            let limit = 40;
            let bound = config.bound(start, length, limit);
            prop_assert!(config.score(start - lost, length + more) <= bound + 1e-9);
        }
    }
}
