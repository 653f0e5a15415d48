//! The `[train.word_dropout]` table.

use serde::{Deserialize, Serialize};

use super::super::violation::{Violation, share};

/// How many words are replaced by `<unk>` before the model reads them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WordDropoutConfig {
    /// Share of the source words.
    pub source: f64,
    /// Share of the target words that the decoder reads.
    pub target: f64,
}

impl WordDropoutConfig {
    /// Whether there is anything to do.
    pub fn is_on(&self) -> bool {
        self.source > 0.0 || self.target > 0.0
    }

    /// Refuses what is no share.
    pub(in super::super) fn check(&self) -> Result<(), Violation> {
        share("train.word_dropout.source", self.source)?;
        share("train.word_dropout.target", self.target)
    }
}
