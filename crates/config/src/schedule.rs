//! The `[schedule]` table.

use serde::{Deserialize, Serialize};

use super::violation::{MOST, Violation, not_negative, only, whole, within};

/// The family of schedules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScheduleKind {
    /// The same rate throughout.
    Constant,
    /// Times `factor` whenever more than `patience` validations in a row brought nothing.
    Plateau,
    /// With the inverse square root of the step, from the end of the warm-up (Vaswani et al. 2017).
    InverseSqrt,
    /// Down to `min_learning_rate` along half a cosine over `decay_steps` (Loshchilov and Hutter
    /// 2017).
    Cosine,
}

impl std::fmt::Display for ScheduleKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ScheduleKind::Constant => "constant",
            ScheduleKind::Plateau => "plateau",
            ScheduleKind::InverseSqrt => "inverse-sqrt",
            ScheduleKind::Cosine => "cosine",
        })
    }
}

/// How the learning rate moves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleConfig {
    /// Which member of the family.
    pub kind: ScheduleKind,
    /// Updates over which the rate rises from zero; any kind.
    pub warmup_steps: u64,
    /// The rate never falls below this; `plateau` and `cosine`; 1e-5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_learning_rate: Option<f64>,
    /// Factor that the rate is multiplied by; `plateau`; 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
    /// Validations without progress that are borne before that; `plateau`; 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<usize>,
    /// Length of the half cosine in updates; `cosine`; the run's own length after the warm-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_steps: Option<u64>,
}

impl Default for ScheduleConfig {
    fn default() -> Self {
        Self {
            kind: ScheduleKind::Plateau,
            warmup_steps: 0,
            min_learning_rate: None,
            factor: None,
            patience: None,
            decay_steps: None,
        }
    }
}

impl ScheduleConfig {
    /// The config with every default of its kind written out.
    pub fn effective(mut self) -> Self {
        if matches!(self.kind, ScheduleKind::Plateau | ScheduleKind::Cosine) {
            self.min_learning_rate.get_or_insert(1e-5);
        }
        if self.kind == ScheduleKind::Plateau {
            self.factor.get_or_insert(0.5);
            self.patience.get_or_insert(2);
        }
        self
    }

    /// Refuses keys of another kind, and numbers out of range.
    pub(super) fn check(&self) -> Result<(), Violation> {
        use ScheduleKind::{Cosine, Plateau};
        let kind = self.kind;
        let lowest = self.min_learning_rate;
        only(
            "schedule.min_learning_rate",
            lowest.is_some(),
            kind,
            &[Plateau, Cosine],
        )?;
        only("schedule.factor", self.factor.is_some(), kind, &[Plateau])?;
        only(
            "schedule.patience",
            self.patience.is_some(),
            kind,
            &[Plateau],
        )?;
        only(
            "schedule.decay_steps",
            self.decay_steps.is_some(),
            kind,
            &[Cosine],
        )?;
        whole("schedule.warmup_steps", self.warmup_steps, 0..=MOST)?;
        not_negative("schedule.min_learning_rate", lowest.unwrap_or_default())?;
        within(
            "schedule.factor",
            self.factor.unwrap_or(0.5),
            |factor| factor > 0.0 && factor < 1.0,
            "above 0 and below 1",
        )?;
        whole(
            "schedule.patience",
            self.patience.unwrap_or(0) as u64,
            0..=MOST,
        )?;
        whole(
            "schedule.decay_steps",
            self.decay_steps.unwrap_or(1),
            1..=MOST,
        )
    }
}
