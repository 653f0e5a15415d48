//! When a beam ends.

use serde::{Deserialize, Serialize};

use super::SearchConfig;

/// The family of rules. A beam also ends when no hypothesis is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EarlyStopping {
    /// When no live hypothesis can still beat the worst one kept, under the score's own bound: nothing is lost
    /// (Huang et al. 2017).
    Exact,
    /// When as many hypotheses have ended as are wanted.
    First,
    /// When as many hypotheses have ended as the beam holds.
    Full,
    /// When no live hypothesis would beat the worst one kept if it ended with what it has now.
    Heuristic,
    /// At the length limit only.
    Never,
}

/// A beam that may end.
#[derive(Debug)]
pub(super) struct Standing {
    /// The best log-probability of a live hypothesis, if there is one. Scores rise with it.
    pub live: Option<f64>,
    /// Their tokens.
    pub length: usize,
    /// Most tokens.
    pub limit: usize,
    /// How many hypotheses have ended and are kept.
    pub finished: usize,
    /// The score of the last of those that are wanted, if so many have ended.
    pub worst: Option<f64>,
    /// How many are wanted.
    pub wanted: usize,
    /// How many the beam holds.
    pub width: usize,
}

impl Standing {
    /// Whether the beam ends.
    pub(super) fn is_over(&self, config: &SearchConfig) -> bool {
        let Some(live) = self.live else {
            return true;
        };
        let beaten = |hope: f64| self.worst.is_some_and(|worst| hope <= worst);
        match config.early_stopping {
            EarlyStopping::Exact => beaten(config.bound(live, self.length, self.limit)),
            EarlyStopping::Heuristic => beaten(config.score(live, self.length)),
            EarlyStopping::First => self.finished >= self.wanted,
            EarlyStopping::Full => self.finished >= self.width,
            EarlyStopping::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Normalization;

    fn over(rule: EarlyStopping, live: Option<f64>, finished: &[f64]) -> bool {
        let config = SearchConfig {
            early_stopping: rule,
            normalization: Normalization::Average,
            ..SearchConfig::default()
        };
        let standing = Standing {
            live,
            length: 4,
            limit: 8,
            finished: finished.len(),
            worst: finished.get(1).copied(),
            wanted: 2,
            width: 3,
        };
        standing.is_over(&config)
    }

    #[test]
    fn each_rule_stops_where_it_says() {
        use EarlyStopping::{Exact, First, Full, Heuristic, Never};
        let all = [Exact, First, Full, Heuristic, Never];
        let verdicts =
            |live: Option<f64>, finished: &[f64]| all.map(|rule| over(rule, live, finished));
        assert_eq!(verdicts(None, &[]), [true; 5]);
        assert_eq!(verdicts(Some(-4.0), &[-1.0]), [false; 5]);
        // Over four tokens the live one has -1 a token; over eight it may end with -0.5.
        let found = verdicts(Some(-4.0), &[-0.2, -0.6]);
        assert_eq!(found, [false, true, false, true, false]);
        let found = verdicts(Some(-4.0), &[-0.2, -0.4]);
        assert_eq!(found, [true, true, false, true, false]);
        let found = verdicts(Some(-1.0), &[-0.2, -0.6, -0.7]);
        assert_eq!(found, [false, true, true, false, false]);
    }
}
