//! The `[optimizer]` table.

use serde::{Deserialize, Serialize};

use super::violation::{Violation, above_zero, not_negative, only, share, within};

/// The family of optimisers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptimizerKind {
    /// Kingma and Ba (2015).
    Adam,
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
    Adamw,
    /// Stochastic gradient descent, with momentum where it is given.
    Sgd,
}

impl std::fmt::Display for OptimizerKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            OptimizerKind::Adam => "adam",
            OptimizerKind::Adamw => "adamw",
            OptimizerKind::Sgd => "sgd",
        })
    }
}

/// How parameters are updated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptimizerConfig {
    /// Which member of the family.
    pub kind: OptimizerKind,
    /// The step's size, before the schedule.
    pub learning_rate: f64,
    /// Decay of the first moment; `adam` and `adamw`; 0.9.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta1: Option<f64>,
    /// Decay of the second moment; `adam` and `adamw`; 0.999.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta2: Option<f64>,
    /// Keeps the division finite; `adam` and `adamw`; 1e-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epsilon: Option<f64>,
    /// How fast weights shrink; `adamw` (0.01) and `sgd` (0).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,
    /// How much of the last step goes on; `sgd`; 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub momentum: Option<f64>,
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        Self {
            kind: OptimizerKind::Adam,
            learning_rate: 2e-3,
            beta1: None,
            beta2: None,
            epsilon: None,
            weight_decay: None,
            momentum: None,
        }
    }
}

impl OptimizerConfig {
    /// The config with every default of its kind written out.
    pub fn effective(mut self) -> Self {
        if self.kind != OptimizerKind::Sgd {
            self.beta1.get_or_insert(0.9);
            self.beta2.get_or_insert(0.999);
            self.epsilon.get_or_insert(1e-8);
        }
        if self.kind == OptimizerKind::Adamw {
            self.weight_decay.get_or_insert(0.01);
        }
        if self.kind == OptimizerKind::Sgd {
            self.weight_decay.get_or_insert(0.0);
            self.momentum.get_or_insert(0.0);
        }
        self
    }

    /// Refuses keys of another kind and numbers out of range.
    pub(super) fn check(&self) -> Result<(), Violation> {
        use OptimizerKind::{Adam, Adamw, Sgd};
        let kind = self.kind;
        let set = |key, value: Option<f64>, owners: &[OptimizerKind]| {
            only(key, value.is_some(), kind, owners)
        };
        set("optimizer.beta1", self.beta1, &[Adam, Adamw])?;
        set("optimizer.beta2", self.beta2, &[Adam, Adamw])?;
        set("optimizer.epsilon", self.epsilon, &[Adam, Adamw])?;
        set("optimizer.weight_decay", self.weight_decay, &[Adamw, Sgd])?;
        set("optimizer.momentum", self.momentum, &[Sgd])?;
        above_zero("optimizer.learning_rate", self.learning_rate)?;
        share("optimizer.beta1", self.beta1.unwrap_or_default())?;
        share("optimizer.beta2", self.beta2.unwrap_or_default())?;
        // A smaller one is zero in single precision, and divides by nothing.
        let least = f64::from(f32::MIN_POSITIVE);
        let epsilon = self.epsilon.unwrap_or(1.0);
        within(
            "optimizer.epsilon",
            epsilon,
            |value| value >= least,
            "at least 1.18e-38",
        )?;
        not_negative(
            "optimizer.weight_decay",
            self.weight_decay.unwrap_or_default(),
        )?;
        share("optimizer.momentum", self.momentum.unwrap_or_default())
    }
}
