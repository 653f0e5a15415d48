//! Local updates with an outer step now and then, for slow networks: DiLoCo (Douillard et al. 2023, arXiv 2311.08105,
//! algorithm 1). Each process makes H updates on its own share of the batches. Then all go to
//!
//! w = w' - r (d + m v),  v = m v' + d,
//!
//! where w' are the weights after the last outer step, d is how far the processes have gone from them on average (so that
//! -d is a step), v' what the outer step remembers, r its rate and m its momentum (Nesterov's). It travels in bfloat16.

use std::collections::BTreeMap;

use model::parameters::{Parameters, Values};
use model::{Seq2Seq, parameters};

use super::beside;
use crate::config::TrainConfig;
use crate::error::RunError;
use crate::optimiser::Optimiser;
use crate::workers::{Wait, Workers, sum, sum_rounded};

/// Begins the names of what the outer step remembers, beside what the optimiser does.
const OUTER: &str = "outer.";

/// What outer steps go by.
#[derive(Debug)]
pub(super) struct Outer {
    rate: f32,
    momentum: f32,
    /// The weights after the last one.
    weights: Parameters,
    /// What they remember of each.
    velocity: Parameters,
}

impl Outer {
    /// Before the first step of a model; nothing where all updates are made together.
    pub(super) fn begin(config: &TrainConfig, model: &Seq2Seq) -> Option<Self> {
        let weights = (config.sync_every > 1).then(|| parameters::collect(model))?;
        let zeros = |(name, values): (&String, &Values)| {
            let data = vec![0.0; values.data.len()];
            let shape = values.shape.clone();
            (name.clone(), Values { shape, data })
        };
        Some(Self {
            rate: config.outer_learning_rate as f32,
            momentum: config.outer_momentum as f32,
            velocity: weights.iter().map(zeros).collect(),
            weights,
        })
    }

    /// Takes out of `memory` what [`Self::hide`] put there.
    pub(super) fn reveal(memory: &mut Parameters) -> Parameters {
        beside::take(OUTER, memory)
    }

    /// Goes on with what was remembered, if anything was.
    pub(super) fn remember(&mut self, velocity: Parameters) {
        if velocity.len() == self.velocity.len() {
            self.velocity = velocity;
        }
    }

    /// Puts what is remembered into `memory`.
    pub(super) fn hide(&self, memory: &mut Parameters) {
        beside::put(OUTER, self.velocity.clone(), memory);
    }

    /// Makes an outer step from where all processes are. The model has the weights after it.
    pub(super) fn step(
        &mut self,
        workers: &dyn Workers,
        model: Seq2Seq,
    ) -> Result<Seq2Seq, RunError> {
        let own = parameters::collect(&model);
        let mut gone: Vec<f32> = Vec::new();
        for (name, before) in &self.weights {
            let now = own.get(name).map_or(&[][..], |values| &values.data);
            gone.extend(
                before
                    .data
                    .iter()
                    .zip(now)
                    .map(|(before, now)| before - now),
            );
        }
        sum_rounded(workers, &mut gone);
        let share = 1.0 / workers.size() as f32;
        let mut gone = gone.into_iter().map(|sum| sum * share);
        let (rate, momentum) = (self.rate, self.momentum);
        for (weights, velocity) in self.weights.values_mut().zip(self.velocity.values_mut()) {
            for (weight, velocity) in weights.data.iter_mut().zip(&mut velocity.data) {
                // There is one for each weight.
                let gone = gone.next().unwrap_or(0.0);
                *velocity = momentum * *velocity + gone;
                *weight -= rate * (gone + momentum * *velocity);
            }
        }
        Ok(parameters::place(model, self.weights.clone())?)
    }
}

/// Gives the optimisers of all processes the mean of what they remember, so that a run that goes on from here, with however
/// many processes, goes on as this one.
pub(super) fn share_memory(
    workers: &dyn Workers,
    model: &Seq2Seq,
    optimiser: &mut Optimiser,
    step: u64,
) -> Result<(), RunError> {
    if workers.size() == 1 {
        return Ok(());
    }
    let own = optimiser.collect();
    let shapes = shapes(model, optimiser);
    // What no process remembers nothing is made of.
    let flags: Vec<f64> = shapes
        .keys()
        .map(|name| f64::from(u8::from(own.contains_key(name))))
        .collect();
    let mut all = vec![0.0; flags.len() * workers.size()];
    workers.collect_doubles(&flags, &mut all);
    let is_there = |place: usize| {
        all.iter()
            .skip(place)
            .step_by(flags.len())
            .any(|&flag| flag != 0.0)
    };
    let shapes = shapes.into_iter().enumerate();
    let known: Vec<(String, Vec<usize>)> = shapes
        .filter(|(place, _)| is_there(*place))
        .map(|(_, shape)| shape)
        .collect();
    let mut flat = Vec::new();
    for (name, shape) in &known {
        match own.get(name) {
            Some(values) => flat.extend(&values.data),
            None => flat.resize(flat.len() + shape.iter().product::<usize>(), 0.0),
        }
    }
    sum(workers, &mut flat, Wait::Busy);
    let share = 1.0 / workers.size() as f32;
    let mut rest = flat.into_iter().map(|sum| sum * share);
    let mean = known.into_iter().map(|(name, shape)| {
        let count = shape.iter().product();
        let data = rest.by_ref().take(count).collect();
        (name, Values { shape, data })
    });
    let mean = mean.collect::<Parameters>();
    Ok(optimiser.restore(model, mean, step)?)
}

/// The shape of all that an optimiser may remember, by name.
fn shapes(model: &Seq2Seq, optimiser: &Optimiser) -> BTreeMap<String, Vec<usize>> {
    let parameters = parameters::collect(model).into_iter();
    let counts = parameters.map(|(name, values)| (name, values.data.len()));
    let each = counts.flat_map(|(name, count)| {
        let moments = optimiser.remembered().iter();
        moments.map(move |moment| (format!("{moment}.{name}"), vec![count]))
    });
    each.collect()
}
