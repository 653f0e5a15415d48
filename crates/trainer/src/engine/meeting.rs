//! Where several processes agree: on an outer step, on a validation, on a signal.

use super::outer;
use super::report::Validation;
use super::session::Session;
use crate::error::RunError;
use crate::interrupt::Interrupt;

impl Session<'_> {
    /// Whether the processes meet after update `step`: every `train.sync_every` updates, and wherever something is saved
    /// or all ends.
    pub(super) fn is_meeting(&self, step: u64) -> bool {
        let train = &self.config.train;
        step.is_multiple_of(train.sync_every) || self.is_regular(step) || step == train.max_steps
    }

    /// An outer step, if there are any, and one memory for all where every run is saved.
    ///
    /// # Errors
    /// [`RunError::NotFinite`] in all processes where one has skipped too many updates in a row.
    pub(super) fn meet(&mut self) -> Result<(), RunError> {
        if self.outer.is_none() {
            return Ok(());
        }
        let mut failed = vec![0.0; self.workers.size()];
        let own = f64::from(u8::from(self.exhausted.is_some()));
        self.workers.collect_doubles(&[own], &mut failed);
        let what = self.exhausted.take();
        if failed.iter().any(|&flag| flag != 0.0) {
            return Err(RunError::NotFinite {
                step: self.state.step,
                what: what.unwrap_or_else(|| "another process's updates are not numbers".into()),
                exploded: false,
            });
        }
        let Some(outer) = &mut self.outer else {
            return Ok(());
        };
        let Some(model) = self.model.take() else {
            unreachable!("the model is away only within an update");
        };
        let model = outer.step(self.workers, model)?;
        let step = self.state.step;
        if let Some(average) = &mut self.average {
            let every = self.config.train.sync_every;
            let updates = match step % every {
                0 => every,
                rest => rest,
            };
            average.update(&model, step, updates);
        }
        self.model = Some(model);
        match self.is_regular(step) {
            true => self.share_memory(),
            false => Ok(()),
        }
    }

    /// Gives all processes one memory of their optimisers, where the run is saved and they were apart.
    pub(super) fn share_memory(&mut self) -> Result<(), RunError> {
        let (Some(model), Some(_)) = (&self.model, &self.outer) else {
            return Ok(());
        };
        outer::share_memory(self.workers, model, &mut self.optimiser, self.state.step)
    }

    /// What the first process has found, in all of them.
    pub(super) fn heard(&self, found: Option<Validation>) -> Result<Validation, RunError> {
        if let (Some(found), 1) = (found, self.workers.size()) {
            return Ok(found);
        }
        let text = serde_json::to_vec(&found).unwrap_or_default();
        serde_json::from_slice::<Option<Validation>>(&self.workers.share(text))
            .ok()
            .flatten()
            .ok_or_else(|| RunError::Usage("the first process sends no validation".into()))
    }

    /// The signal that any of the processes was sent.
    pub(super) fn asked(&self, interrupt: &Interrupt) -> Option<(&'static str, u8)> {
        let own = interrupt.asked();
        if self.workers.size() == 1 {
            return own;
        }
        let mut codes = vec![0.0; self.workers.size()];
        let code = own.map_or(0.0, |(_, code)| f64::from(code));
        self.workers.collect_doubles(&[code], &mut codes);
        match codes.into_iter().fold(0.0, f64::max) as u8 {
            0 => None,
            code => Some(Interrupt::name(code)),
        }
    }
}
