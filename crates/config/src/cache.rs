//! Whether a corpus is kept as ids on disk.

use serde::{Deserialize, Serialize};

/// Whether the training corpus is kept as ids in files, of which only what is needed is in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheUse {
    /// If it has more pairs than `data.most_in_memory`.
    #[default]
    Auto,
    /// Whatever its size.
    On,
    /// Never.
    Off,
}
