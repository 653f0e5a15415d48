//! How the learning rate moves over a run.

use serde::{Deserialize, Serialize};

use crate::config::{ScheduleConfig, ScheduleKind};
use crate::run::exact;

/// A schedule with what it remembers.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    config: ScheduleConfig,
    base: f64,
    /// The model's hidden units.
    size: usize,
    state: ScheduleState,
}

/// State of a schedule between updates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ScheduleState {
    /// Factor that the plateaus so far have multiplied the rate by.
    #[serde(with = "exact")]
    pub factor: f64,
    /// Validations since the last progress or reduction.
    pub waited: usize,
}

impl Schedule {
    /// The schedule that `config` describes, from the optimiser's learning rate `base`, for a model of `size` hidden units.
    pub fn new(config: &ScheduleConfig, base: f64, size: usize) -> Self {
        Self {
            config: config.clone().effective(),
            base,
            size,
            state: ScheduleState {
                factor: 1.0,
                waited: 0,
            },
        }
    }

    /// The rate of update number `step`, from 1.
    pub fn rate(&self, step: u64) -> f64 {
        let warmup = self.config.warmup_steps;
        if self.config.kind == ScheduleKind::Noam {
            let (step, warmup) = (step as f64, warmup.max(1) as f64);
            let size = self.size as f64;
            return self.base * (step * warmup.powf(-1.5)).min(step.sqrt().recip()) / size.sqrt();
        }
        if step <= warmup {
            return self.base * self.state.factor * step as f64 / warmup as f64;
        }
        let least = self.config.min_learning_rate.unwrap_or(0.0).min(self.base);
        match self.config.kind {
            ScheduleKind::Constant | ScheduleKind::Noam => self.base,
            ScheduleKind::Plateau => (self.base * self.state.factor).max(least),
            ScheduleKind::InverseSqrt => {
                let start = warmup.max(1) as f64;
                self.base * (start / (step as f64).max(start)).sqrt()
            }
            // Unless given, the training decides how long it is; where there is none, the rate stays.
            ScheduleKind::Cosine => self.config.decay_steps.map_or(self.base, |length| {
                let done = self.cycle(step - warmup, length.max(1));
                least + (self.base - least) * 0.5 * (1.0 + (std::f64::consts::PI * done).cos())
            }),
            ScheduleKind::Linear => self.config.decay_steps.map_or(self.base, |length| {
                let done = ((step - warmup) as f64 / length.max(1) as f64).min(1.0);
                least + (self.base - least) * (1.0 - done)
            }),
            ScheduleKind::Step => {
                let after = (step - warmup).saturating_sub(1 + self.config.hold_steps.unwrap_or(0));
                let falls = after / self.config.decay_steps.unwrap_or(1).max(1);
                let factor = self.config.factor.unwrap_or(0.5);
                (self.base * factor.powi(falls.min(i32::MAX as u64) as i32)).max(least)
            }
        }
    }

    /// The share of its cosine that is done `step` updates after the warm-up, where the first has `length`.
    fn cycle(&self, mut step: u64, mut length: u64) -> f64 {
        if let Some(factor) = self.config.restart_factor {
            while step >= length {
                step -= length;
                length = length.saturating_mul(factor);
            }
        }
        (step as f64 / length as f64).min(1.0)
    }

    /// Hears whether a validation brought progress. Returns whether the rate fell.
    pub fn validated(&mut self, progress: bool) -> bool {
        if self.config.kind != ScheduleKind::Plateau {
            return false;
        }
        if progress {
            self.state.waited = 0;
            return false;
        }
        self.state.waited += 1;
        if self.state.waited <= self.config.patience.unwrap_or(0) {
            return false;
        }
        self.state.waited = 0;
        let before = self.rate(u64::MAX);
        self.state.factor *= self.config.factor.unwrap_or(0.5);
        self.rate(u64::MAX) < before
    }

    /// Returns the state to keep with a checkpoint.
    pub fn state(&self) -> ScheduleState {
        self.state
    }

    /// Goes on from a checkpoint.
    pub fn restore(&mut self, state: ScheduleState) {
        self.state = state;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(kind: ScheduleKind, warmup_steps: u64) -> Schedule {
        let config = ScheduleConfig {
            kind,
            warmup_steps,
            decay_steps: Some(100),
            ..ScheduleConfig::default()
        };
        Schedule::new(&config, 1.0, 64)
    }

    #[test]
    fn warm_up_rises_in_a_straight_line() {
        let schedule = schedule(ScheduleKind::Constant, 10);
        assert_eq!(schedule.rate(1), 0.1);
        assert_eq!(schedule.rate(5), 0.5);
        assert_eq!(schedule.rate(10), 1.0);
        assert_eq!(schedule.rate(11), 1.0);
    }

    #[test]
    fn the_inverse_square_root_halves_at_four_times_the_warm_up() {
        let schedule = schedule(ScheduleKind::InverseSqrt, 100);
        assert!((schedule.rate(400) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn the_cosine_ends_at_the_least_rate() {
        let schedule = schedule(ScheduleKind::Cosine, 0);
        assert!((schedule.rate(50) - 0.5).abs() < 1e-4);
        assert_eq!(schedule.rate(100), 1e-5);
        assert_eq!(schedule.rate(1000), 1e-5);
    }

    #[test]
    fn noam_is_the_papers_formula() {
        let schedule = schedule(ScheduleKind::Noam, 100);
        let expected = |step: f64| 64f64.powf(-0.5) * step.powf(-0.5).min(step * 100f64.powf(-1.5));
        for step in [1, 50, 100, 101, 400] {
            assert!((schedule.rate(step) - expected(step as f64)).abs() < 1e-15);
        }
        assert_eq!(schedule.rate(100), 0.0125);
    }

    #[test]
    fn a_line_ends_at_the_least_rate() {
        let schedule = schedule(ScheduleKind::Linear, 10);
        assert_eq!(schedule.rate(5), 0.5);
        assert!((schedule.rate(60) - 0.500_005).abs() < 1e-12);
        assert_eq!(schedule.rate(110), 1e-5);
        assert_eq!(schedule.rate(1000), 1e-5);
    }

    #[test]
    fn steps_fall_after_they_were_held() {
        let config = ScheduleConfig {
            kind: ScheduleKind::Step,
            decay_steps: Some(10),
            hold_steps: Some(50),
            ..ScheduleConfig::default()
        };
        let schedule = Schedule::new(&config, 1.0, 64);
        let rates = [1, 50, 60, 61, 70, 71, 81].map(|step| schedule.rate(step));
        assert_eq!(rates, [1.0, 1.0, 1.0, 0.5, 0.5, 0.25, 0.125]);
        assert_eq!(schedule.rate(u64::MAX), 1e-5);
    }

    /// As PyTorch's `CosineAnnealingWarmRestarts(T_0=10, T_mult=2, eta_min=0)` has it, whose first step is 0.
    #[test]
    fn cosines_begin_anew() {
        let config = ScheduleConfig {
            kind: ScheduleKind::Cosine,
            decay_steps: Some(10),
            restart_factor: Some(2),
            min_learning_rate: Some(0.0),
            ..ScheduleConfig::default()
        };
        let schedule = Schedule::new(&config, 1.0, 64);
        let golden = [
            (5, 0.5),
            (9, 0.024471741852423234),
            (10, 1.0),
            (20, 0.5),
            (29, 0.006155829702431115),
            (30, 1.0),
            (50, 0.5),
        ];
        for (step, rate) in golden {
            assert!((schedule.rate(step) - rate).abs() < 1e-12, "{step}");
        }
    }

    #[test]
    fn a_plateau_halves_the_rate_after_its_patience() {
        let mut schedule = schedule(ScheduleKind::Plateau, 0);
        assert!(!schedule.validated(false));
        assert!(!schedule.validated(false));
        assert!(schedule.validated(false));
        assert_eq!(schedule.rate(7), 0.5);
        assert!(!schedule.validated(true));
        assert_eq!(schedule.state().waited, 0);
    }
}
