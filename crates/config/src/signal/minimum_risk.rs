//! `train.objective` and the `[train.minimum_risk]` table.

use serde::{Deserialize, Serialize};

use super::super::violation::{Violation, above_zero, misplaced, share, whole};

/// Quantity that training minimises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// The cross-entropy of the right words.
    #[default]
    CrossEntropy,
    /// The expected risk of what the model says, 1 - sentence BLEU (Shen et al. 2016).
    MinimumRisk,
}

impl std::fmt::Display for Objective {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Objective::CrossEntropy => "cross-entropy",
            Objective::MinimumRisk => "minimum-risk",
        })
    }
}

/// How the expected risk is estimated; only under `objective = "minimum-risk"`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MinimumRiskConfig {
    /// Translations drawn of each source; 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<usize>,
    /// The sharpness of the distribution over them (Shen et al. 2016, equation 13); 0.005.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha: Option<f64>,
    /// Whether the reference is one of them; true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<bool>,
    /// The share of the cross-entropy beside the risk; 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mix: Option<f64>,
}

impl MinimumRiskConfig {
    /// The config with every default written out, if it is that of the `objective`.
    pub fn effective(mut self, objective: Objective) -> Self {
        if objective == Objective::MinimumRisk {
            self.samples = Some(self.samples());
            self.alpha = Some(self.alpha());
            self.reference = Some(self.reference());
            self.mix = Some(self.mix());
        }
        self
    }

    /// Translations drawn of each source.
    pub fn samples(&self) -> usize {
        self.samples.unwrap_or(20)
    }

    /// The sharpness of the distribution over them.
    pub fn alpha(&self) -> f64 {
        self.alpha.unwrap_or(0.005)
    }

    /// Whether the reference is one of them.
    pub fn reference(&self) -> bool {
        self.reference.unwrap_or(true)
    }

    /// The share of the cross-entropy beside the risk.
    pub fn mix(&self) -> f64 {
        self.mix.unwrap_or(0.0)
    }

    /// Refuses keys under another objective and numbers out of range.
    pub(in super::super) fn check(&self, objective: Objective) -> Result<(), Violation> {
        let given = [
            ("samples", self.samples.is_some()),
            ("alpha", self.alpha.is_some()),
            ("reference", self.reference.is_some()),
            ("mix", self.mix.is_some()),
        ];
        for (key, given) in given {
            let key = format!("train.minimum_risk.{key}");
            misplaced(
                &key,
                given,
                "objective",
                objective,
                &[Objective::MinimumRisk],
            )?;
        }
        let samples = self.samples() as u64;
        whole("train.minimum_risk.samples", samples, 1..=10_000)?;
        above_zero("train.minimum_risk.alpha", self.alpha())?;
        share("train.minimum_risk.mix", self.mix())
    }
}
