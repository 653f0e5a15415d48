//! Smoothing in BLEU: how n-gram orders without a match are counted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::MetricError;

/// A smoothing method; the numbers are those of Chen and Cherry 2014, "A Systematic Comparison of
/// Smoothing Techniques for Sentence-Level BLEU", section 3.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Smoothing {
    /// `exp`, method 3: the k-th order without a match counts as 1 / 2^k of a match.
    #[default]
    Exp,
    /// `floor`, method 1: an order without a match counts as this many matches, 0.1 unless told.
    Floor,
    /// `add-k`, method 2: k, 1 unless told, is added to matches and totals of the orders above 1.
    AddK,
    /// `none`: one order without a match makes the score 0.
    None,
}

impl Smoothing {
    /// Every method.
    pub const ALL: [Self; 4] = [Self::Exp, Self::Floor, Self::AddK, Self::None];

    /// The name, as in signatures and configs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exp => "exp",
            Self::Floor => "floor",
            Self::AddK => "add-k",
            Self::None => "none",
        }
    }

    /// The value used when none is given; `None` for methods that take no value.
    pub fn default_value(self) -> Option<f64> {
        match self {
            Self::Floor => Some(0.1),
            Self::AddK => Some(1.0),
            Self::Exp | Self::None => None,
        }
    }
}

impl fmt::Display for Smoothing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Smoothing {
    type Err = MetricError;

    fn from_str(name: &str) -> Result<Self, MetricError> {
        Self::ALL
            .into_iter()
            .find(|smoothing| smoothing.name() == name)
            .ok_or_else(|| MetricError::UnknownSmoothing {
                name: name.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_serde_use_the_same_names() {
        for smoothing in Smoothing::ALL {
            assert_eq!(smoothing.to_string().parse(), Ok(smoothing));
            let json = serde_json::to_string(&smoothing).unwrap();
            assert_eq!(json, format!("\"{smoothing}\""));
            assert_eq!(serde_json::from_str::<Smoothing>(&json).unwrap(), smoothing);
        }
        assert!("laplace".parse::<Smoothing>().is_err());
    }
}
