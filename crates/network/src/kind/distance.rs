//! How far attention is from where it is told to look.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How far attention is from where it was told to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distance {
    /// - sum over source positions of gold times the logarithm of a weight (Chen et al. 2016; Garg
    ///   et al. 2019, equation 3).
    CrossEntropy,
    /// The sum over source positions of the square of a weight less the gold (Chen et al. 2016).
    SquaredError,
}

impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Distance::CrossEntropy => "cross-entropy",
            Distance::SquaredError => "squared-error",
        })
    }
}
