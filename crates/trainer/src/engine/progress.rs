//! Progress that validations have shown so far.

use serde::{Deserialize, Serialize};

use super::report::Validation;
use crate::config::Criterion;
use crate::run::exact;

/// After so many equal values in a row it is said that the criterion does not move.
const STILL: usize = 3;

/// The best so far, and how long nothing better has come. Between equal values of the criterion the loss decides.
///
/// Only validations at their regular times count for `best` and `waited`: the one at an early end
/// must not change how a resumed run goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The best regular validation.
    #[serde(with = "exact::option")]
    pub best: Option<f64>,
    /// Its loss.
    #[serde(default, with = "exact::option")]
    pub best_loss: Option<f64>,
    /// Regular validations since then.
    pub waited: usize,
    /// The value of the last regular validation.
    #[serde(default, with = "exact::option")]
    pub latest: Option<f64>,
    /// How many regular validations in a row have had that value.
    #[serde(default)]
    pub still: usize,
    /// The value of the checkpoint that is marked as the best.
    #[serde(with = "exact::option")]
    pub marked: Option<f64>,
    /// The update of that checkpoint.
    #[serde(default)]
    pub marked_step: Option<u64>,
    /// Its validation.
    #[serde(default)]
    pub marked_validation: Option<Validation>,
    /// The last validation of any kind.
    #[serde(default)]
    pub last: Option<Validation>,
}

impl Progress {
    /// Takes a regular validation in. Says whether it is the best.
    pub fn regular(&mut self, validation: &Validation, criterion: Criterion) -> bool {
        let value = validation.value(criterion);
        self.still = match self.latest {
            Some(latest) if latest == value => self.still + 1,
            _ => 1,
        };
        self.latest = Some(value);
        let best = self.best.map(|best| (best, self.best_loss));
        let better = is_better(validation, best, criterion);
        if better {
            self.best = Some(value);
            self.best_loss = Some(validation.loss);
            self.waited = 0;
        } else {
            self.waited += 1;
        }
        better
    }

    /// Takes any validation in. Says whether its checkpoint is to be marked as the best.
    pub fn mark(&mut self, validation: Validation, criterion: Criterion) -> bool {
        let loss = self.marked_validation.map(|marked| marked.loss);
        let marked = self.marked.map(|marked| (marked, loss));
        let better = is_better(&validation, marked, criterion);
        if better {
            self.marked = Some(validation.value(criterion));
            self.marked_step = Some(validation.step);
            self.marked_validation = Some(validation);
        }
        self.last = Some(validation);
        better
    }

    /// Forgets what was the best: validations from now on cannot be compared with those before.
    pub fn forget_best(&mut self) {
        *self = Self {
            last: self.last,
            ..Self::default()
        };
    }

    /// Forgets which checkpoint is marked as the best if it is none of those of `steps`: it is lost.
    pub fn keep_marked(&mut self, steps: &[u64]) {
        if self.marked_step.is_some_and(|step| !steps.contains(&step)) {
            (self.marked, self.marked_step, self.marked_validation) = (None, None, None);
        }
    }

    /// The update of the last validation; 0 before the first.
    pub fn validated_step(&self) -> u64 {
        self.last.map_or(0, |last| last.step)
    }

    /// Whether the last validation was after update `step`.
    pub fn is_validated(&self, step: u64) -> bool {
        self.last.is_some_and(|last| last.step == step)
    }

    /// Returns a notice for the user when, just now, the criterion has been the same for some time though it is not as
    /// good as can be.
    pub fn notice(&self, criterion: Criterion) -> Option<String> {
        let value = self.latest?;
        if self.still != STILL || criterion == Criterion::Loss || value >= criterion.highest() {
            return None;
        }
        let others = [Criterion::Chrf, Criterion::Exact, Criterion::Loss];
        let others = others.into_iter().filter(|other| *other != criterion);
        let others: Vec<String> = others.map(|other| format!("\"{other}\"")).collect();
        Some(format!(
            "`valid.criterion = \"{criterion}\"` has been {value:.2} at the last {STILL} validations and cannot tell \
             checkpoints apart; the loss decides between them. {} may suit these targets better",
            others.join(" or ")
        ))
    }
}

fn is_better(
    validation: &Validation,
    best: Option<(f64, Option<f64>)>,
    criterion: Criterion,
) -> bool {
    let value = validation.value(criterion);
    // A loss that left the numbers is no progress, whatever came before.
    if !value.is_finite() || !validation.loss.is_finite() {
        return false;
    }
    best.is_none_or(|(best, its_loss)| match criterion {
        Criterion::Loss => value < best,
        _ if value == best => its_loss.is_some_and(|loss| validation.loss < loss),
        Criterion::Bleu | Criterion::Chrf | Criterion::Exact => value > best,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validation(step: u64, bleu: f64, loss: f64) -> Validation {
        Validation {
            step,
            loss,
            perplexity: loss.exp(),
            bleu,
            chrf: 0.0,
            exact: 0.0,
            cut: 0,
        }
    }

    #[test]
    fn between_equal_values_the_smaller_loss_is_better() {
        let mut progress = Progress::default();
        let mut see = |step, bleu, loss| {
            let validation = validation(step, bleu, loss);
            let regular = progress.regular(&validation, Criterion::Bleu);
            let marked = progress.mark(validation, Criterion::Bleu);
            assert_eq!(regular, marked);
            marked
        };
        assert!(see(1, 0.0, 3.0));
        assert!(see(2, 0.0, 2.0));
        assert!(!see(3, 0.0, 2.5));
        assert!(see(4, 1.0, 9.0));
        assert!(!see(5, 0.0, 1.0));
        assert_eq!((progress.marked_step, progress.waited), (Some(4), 1));
        assert_eq!(progress.marked_validation, Some(validation(4, 1.0, 9.0)));
    }

    #[test]
    fn a_criterion_that_does_not_move_is_said_once() {
        let mut progress = Progress::default();
        let mut said = Vec::new();
        for step in 1..=6 {
            progress.regular(&validation(step, 0.0, 1.0 / step as f64), Criterion::Bleu);
            said.push(progress.notice(Criterion::Bleu).is_some());
        }
        assert_eq!(said, [false, false, true, false, false, false]);
        let mut progress = Progress::default();
        for step in 1..=3 {
            progress.regular(&validation(step, 100.0, 1.0), Criterion::Bleu);
            assert_eq!(progress.notice(Criterion::Bleu), None);
        }
    }
}
