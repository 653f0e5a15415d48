//! How the learning rate moves over a run.

use serde::{Deserialize, Serialize};

use crate::config::{ScheduleConfig, ScheduleKind};
use crate::run::exact;

/// A schedule with what it remembers.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    config: ScheduleConfig,
    base: f64,
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
    /// The schedule that `config` describes, from the optimiser's learning rate `base`.
    pub fn new(config: &ScheduleConfig, base: f64) -> Self {
        Self {
            config: config.clone().effective(),
            base,
            state: ScheduleState {
                factor: 1.0,
                waited: 0,
            },
        }
    }

    /// The rate of update number `step`, from 1.
    pub fn rate(&self, step: u64) -> f64 {
        let warmup = self.config.warmup_steps;
        if step <= warmup {
            return self.base * self.state.factor * step as f64 / warmup as f64;
        }
        let least = self.config.min_learning_rate.unwrap_or(0.0).min(self.base);
        match self.config.kind {
            ScheduleKind::Constant => self.base,
            ScheduleKind::Plateau => (self.base * self.state.factor).max(least),
            ScheduleKind::InverseSqrt => {
                let start = warmup.max(1) as f64;
                self.base * (start / (step as f64).max(start)).sqrt()
            }
            ScheduleKind::Cosine => {
                // Unless given, the training decides it; where there is none, the rate stays.
                let Some(length) = self.config.decay_steps else {
                    return self.base;
                };
                let length = length.max(1) as f64;
                let done = ((step - warmup) as f64 / length).min(1.0);
                least + (self.base - least) * 0.5 * (1.0 + (std::f64::consts::PI * done).cos())
            }
        }
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
        Schedule::new(&config, 1.0)
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
