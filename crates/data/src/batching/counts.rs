//! How much there is in a set of examples.

use serde::{Deserialize, Serialize};

/// How much there is of what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Pairs that there are.
    pub examples: usize,
    /// Pairs dropped because a side had more tokens than it may have.
    pub dropped_over_length: usize,
    /// Source tokens of the examples, end marks not counted.
    pub source_tokens: usize,
    /// Target tokens of the examples, end marks not counted.
    pub target_tokens: usize,
    /// How many of the source tokens are `<unk>`.
    pub source_unknown: usize,
    /// How many of the target tokens are `<unk>`.
    pub target_unknown: usize,
}
