//! What validations have shown so far.

use serde::{Deserialize, Serialize};

use crate::config::Criterion;

/// The best so far, and how long nothing better has come.
///
/// Only validations at their regular times count for `best` and `waited`: the one at an early end
/// must not change how a resumed run goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The best regular validation.
    pub best: Option<f64>,
    /// Regular validations since then.
    pub waited: usize,
    /// The value of the checkpoint that is marked as the best.
    pub marked: Option<f64>,
    /// The update of the last validation of any kind.
    pub validated: u64,
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
    pub fn mark(&mut self, value: f64, criterion: Criterion) -> bool {
        let better = is_better(value, self.marked, criterion);
        if better {
            self.marked = Some(value);
        }
        better
    }
}

fn is_better(value: f64, best: Option<f64>, criterion: Criterion) -> bool {
    best.is_none_or(|best| match criterion {
        Criterion::Loss => value < best,
        Criterion::Bleu | Criterion::Chrf => value > best,
    })
}
