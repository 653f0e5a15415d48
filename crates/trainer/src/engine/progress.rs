//! What validations have shown so far.

use serde::{Deserialize, Serialize};

use super::report::Validation;
use crate::config::Criterion;
use crate::run::exact;

/// The best so far, and how long nothing better has come.
///
/// Only validations at their regular times count for `best` and `waited`: the one at an early end
/// must not change how a resumed run goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The best regular validation.
    #[serde(with = "exact::option")]
    pub best: Option<f64>,
    /// Regular validations since then.
    pub waited: usize,
    /// The value of the checkpoint that is marked as the best.
    #[serde(with = "exact::option")]
    pub marked: Option<f64>,
    /// The update of that checkpoint.
    #[serde(default)]
    pub marked_step: Option<u64>,
    /// The last validation of any kind.
    #[serde(default)]
    pub last: Option<Validation>,
}

impl Progress {
    /// Takes a regular validation in. Says whether it is the best.
    pub fn regular(&mut self, value: f64, criterion: Criterion) -> bool {
        let better = is_better(value, self.best, criterion);
        if better {
            self.best = Some(value);
            self.waited = 0;
        } else {
            self.waited += 1;
        }
        better
    }

    /// Takes any validation in. Says whether its checkpoint is to be marked as the best.
    pub fn mark(&mut self, validation: Validation, criterion: Criterion) -> bool {
        let value = validation.value(criterion);
        let better = is_better(value, self.marked, criterion);
        if better {
            self.marked = Some(value);
            self.marked_step = Some(validation.step);
        }
        self.last = Some(validation);
        better
    }

    /// Whether the last validation was after update `step`.
    pub fn is_validated(&self, step: u64) -> bool {
        self.last.is_some_and(|last| last.step == step)
    }
}

fn is_better(value: f64, best: Option<f64>, criterion: Criterion) -> bool {
    best.is_none_or(|best| match criterion {
        Criterion::Loss => value < best,
        Criterion::Bleu | Criterion::Chrf | Criterion::Exact => value > best,
    })
}
