//! Dropout.

use serde::{Deserialize, Serialize};

/// Whether each time step draws its own mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DropoutKind {
    /// A mask for each position (Srivastava et al. 2014).
    Plain,
    /// One mask for all time steps of a sentence (Gal and Ghahramani 2016).
    Variational,
}
