//! Real updates, timed.

use std::time::Instant;

use burn::module::Module;
use kernels::profile::{self, Profile};
use model::Seq2Seq;
use operations::launches;

use super::ceiling;
use super::workload::Workload;
use crate::backend::Choice;
use crate::config::BackendKind;
use crate::engine::batches::fill;
use crate::engine::update::{Outcome, Turn, UpdateSettings};
use crate::error::RunError;
use crate::optimiser::Optimiser;
use crate::process_memory;
use crate::schedule::Schedule;

/// One update.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// The whole update, waiting for its batches included.
    pub(super) seconds: f64,
    /// Waiting for its batches.
    pub(super) waited: f64,
    /// Outcome of the update.
    pub(super) outcome: Outcome,
    /// Launches of the whole update, on a GPU.
    pub(super) launches: usize,
}

/// Measurements of some updates.
#[derive(Debug)]
pub(super) struct Measured {
    /// The updates after the warm-up.
    pub(super) steps: Vec<Step>,
    /// Numbers that the model learns.
    pub(super) parameters: usize,
    /// The largest memory of the process up to the last update, in bytes, where the system says.
    pub(super) peak_memory: Option<u64>,
    /// On the CPU with this project's kernels.
    pub(super) matmul: Option<Matmul>,
}

/// The matrix products of the updates, and what the machine can do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matmul {
    /// Time and number of the operations.
    pub(super) profile: Profile,
    /// Operations a second of one large product.
    pub(super) ceiling: f64,
}

/// Runs `warmup` updates, then times `count` more. Nothing is written anywhere.
///
/// # Errors
/// A model that cannot be built, a device that fails, a loss that leaves the numbers.
pub(super) fn measure(
    workload: &Workload,
    choice: &Choice,
    warmup: usize,
    count: usize,
) -> Result<Measured, RunError> {
    let config = &workload.config;
    let device = choice.device.clone().autodiff();
    let [source, target] = workload.vocabularies;
    let mut model = Seq2Seq::new(&config.model, source, target, config.seed, &device)?;
    let parameters = model.num_params();
    let mut optimiser = Optimiser::new(&config.optimizer, config.train.clip_norm);
    let schedule = Schedule::new(
        &config.schedule,
        config.optimizer.learning_rate,
        config.model.hidden_size,
    );
    let mut stream = workload.batches(choice);
    crate::allocator::trim();
    let (mut waiting, mut done) = (Vec::new(), 0);
    let lesson = UpdateSettings {
        workers: None,
        config,
        judge: None,
    };
    let mut steps = Vec::with_capacity(count);
    let settled = || {
        let failed = |error| RunError::Device(format!("{error:?}"));
        choice.device.sync().map_err(failed)
    };
    for number in 1..=warmup + count {
        if number == warmup + 1 {
            settled()?;
            profile::start();
        }
        let begun = Instant::now();
        fill(&mut waiting, &mut stream, config.train.accumulate.max(1))?;
        let waited = begun.elapsed().as_secs_f64();
        let outcome;
        let rate = schedule.rate(number as u64);
        let turn = Turn {
            updates: number as u64 - 1,
            number: done,
            rate,
        };
        let work = || lesson.update(model, &mut optimiser, &waiting, turn);
        let (moved, launches) = launches::count(work);
        (model, outcome) = moved?;
        done += waiting.len() as u64;
        waiting.clear();
        if let Some(what) = outcome.fault {
            let steps = number as u64;
            return Err(RunError::Diverged { steps, what });
        }
        if number == warmup + count {
            // A GPU may still be at work; between updates it may stay so, as in training.
            settled()?;
        }
        if number > warmup {
            steps.push(Step {
                seconds: begun.elapsed().as_secs_f64(),
                waited,
                outcome,
                launches: launches.total(),
            });
        }
    }
    let profile = profile::take();
    let peak_memory = process_memory::peak();
    drop(stream);
    Ok(Measured {
        steps,
        parameters,
        peak_memory,
        matmul: (choice.backend == BackendKind::Cpu).then(|| Matmul {
            profile,
            ceiling: ceiling::matmul_rate(),
        }),
    })
}
