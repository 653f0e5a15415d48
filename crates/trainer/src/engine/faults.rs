//! Updates whose loss or gradient is not a number, and what is done about them: each is skipped and counted; after
//! `train.max_skipped` in a row the run goes back to its last checkpoint with half the learning rate, three times at
//! most between two validations.

use serde::{Deserialize, Serialize};

use crate::run::exact;

/// Most returns without a good validation.
const MOST_RETURNS: u32 = 3;
/// What a return multiplies the learning rate by.
const LOWERED: f64 = 0.5;

/// What happened so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Faults {
    /// Updates that were skipped.
    pub skipped: u64,
    /// Those in a row until now.
    pub in_a_row: u64,
    /// Returns since the last good validation.
    pub returns: u32,
    /// Factor that the returns have multiplied the learning rate by.
    #[serde(with = "exact")]
    pub factor: f64,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            skipped: 0,
            in_a_row: 0,
            returns: 0,
            factor: 1.0,
        }
    }
}

impl Faults {
    /// Takes a skipped update in. Says whether it was one too many in a row.
    pub(super) fn skip(&mut self, most: u64) -> bool {
        self.skipped += 1;
        self.in_a_row += 1;
        self.in_a_row > most
    }

    /// What a run knows of its faults that goes back to its last checkpoint; nothing if it has gone back too often.
    pub(super) fn after_return(self) -> Option<Self> {
        (self.returns < MOST_RETURNS).then_some(Self {
            in_a_row: 0,
            returns: self.returns + 1,
            factor: self.factor * LOWERED,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_faults_leads_back_and_back_again_and_then_ends() {
        let mut faults = Faults::default();
        assert_eq!(
            [faults.skip(2), faults.skip(2), faults.skip(2)],
            [false, false, true]
        );
        for factor in [0.5, 0.25, 0.125] {
            faults = faults.after_return().unwrap();
            assert_eq!(
                (faults.factor, faults.in_a_row, faults.skipped),
                (factor, 0, 3)
            );
        }
        assert_eq!(faults.after_return(), None);
    }
}
