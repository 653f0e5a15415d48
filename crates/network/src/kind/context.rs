//! Where a decoder without attention sees the source.

use serde::{Deserialize, Serialize};

/// The family, as a config names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContextKind {
    /// In its first state only (Sutskever et al. 2014).
    Initial,
    /// Beside the word at every step too (Cho et al. 2014).
    EveryStep,
}
