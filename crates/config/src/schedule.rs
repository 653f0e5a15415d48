//! The `[schedule]` table.

use serde::{Deserialize, Serialize};

use super::violation::{MOST, Violation, not_negative, only, other, whole, within};

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
    /// With the square root of the model's size too (Vaswani et al. 2017, equation 3), as "noam" of other programs.
    Noam,
    /// Down to `min_learning_rate` along half a cosine over `decay_steps`, once or again and again (Loshchilov and Hutter
    /// 2017).
    Cosine,
    /// Down to `min_learning_rate` in a straight line over `decay_steps`.
    Linear,
    /// Times `factor` every `decay_steps`, after `hold_steps` (Luong et al. 2015, section 4.1).
    Step,
}

impl std::fmt::Display for ScheduleKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ScheduleKind::Constant => "constant",
            ScheduleKind::Plateau => "plateau",
            ScheduleKind::InverseSqrt => "inverse-sqrt",
            ScheduleKind::Noam => "noam",
            ScheduleKind::Cosine => "cosine",
            ScheduleKind::Linear => "linear",
            ScheduleKind::Step => "step",
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
    /// The rate never falls below this; every kind that falls to a floor; 1e-5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_learning_rate: Option<f64>,
    /// Factor that the rate is multiplied by; `plateau` and `step`; 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
    /// Validations without progress that are borne before that; `plateau`; 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<usize>,
    /// Updates until the lowest rate; `cosine` and `linear`; the run's own length after the warm-up. Or between two falls;
    /// `step`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_steps: Option<u64>,
    /// Updates after the warm-up before the first fall is counted; `step`; 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_steps: Option<u64>,
    /// Factor by which each cosine is longer than the one before, where they begin anew; `cosine`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart_factor: Option<u64>,
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
            hold_steps: None,
            restart_factor: None,
        }
    }
}

impl ScheduleConfig {
    /// The config with every default of its kind written out.
    pub fn effective(mut self) -> Self {
        use ScheduleKind::{Cosine, Linear, Plateau, Step};
        if [Plateau, Cosine, Linear, Step].contains(&self.kind) {
            self.min_learning_rate.get_or_insert(1e-5);
        }
        if [Plateau, Step].contains(&self.kind) {
            self.factor.get_or_insert(0.5);
        }
        match self.kind {
            Plateau => drop(self.patience.get_or_insert(2)),
            Step => drop(self.hold_steps.get_or_insert(0)),
            _ => {}
        }
        self
    }

    /// Refuses keys of another kind, and numbers out of range.
    pub(super) fn check(&self) -> Result<(), Violation> {
        use ScheduleKind::{Cosine, Linear, Noam, Plateau, Step};
        let kind = self.kind;
        let lowest = self.min_learning_rate;
        only(
            "schedule.min_learning_rate",
            lowest.is_some(),
            kind,
            &[Plateau, Cosine, Linear, Step],
        )?;
        only(
            "schedule.factor",
            self.factor.is_some(),
            kind,
            &[Plateau, Step],
        )?;
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
            &[Cosine, Linear, Step],
        )?;
        only(
            "schedule.hold_steps",
            self.hold_steps.is_some(),
            kind,
            &[Step],
        )?;
        only(
            "schedule.restart_factor",
            self.restart_factor.is_some(),
            kind,
            &[Cosine],
        )?;
        let missing = |reason: &'static str| Err(other("schedule.decay_steps", reason));
        if self.decay_steps.is_none() && kind == Step {
            return missing(
                "must be given with kind = \"step\": the updates between two falls of the rate",
            );
        }
        if self.decay_steps.is_none() && self.restart_factor.is_some() {
            return missing("must be given with restart_factor: the updates of the first cosine");
        }
        if kind == Noam && self.warmup_steps == 0 {
            return Err(other(
                "schedule.warmup_steps",
                "must be 1 or more with kind = \"noam\", whose rate rises over so many updates; 4000 is the paper's",
            ));
        }
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
        )?;
        whole(
            "schedule.hold_steps",
            self.hold_steps.unwrap_or(0),
            0..=MOST,
        )?;
        whole(
            "schedule.restart_factor",
            self.restart_factor.unwrap_or(1),
            1..=1_000,
        )
    }
}
