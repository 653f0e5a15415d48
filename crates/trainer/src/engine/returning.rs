//! Going back to a checkpoint where updates are no numbers any more.

use super::following;
use super::session::{Session, begin};
use crate::console::Console;
use crate::error::RunError;
use crate::run::{Checkpoint, Journal};

impl Session<'_> {
    /// Goes back to the last checkpoint, or to the beginning, with a lower rate; `what` was not a number. Says so.
    ///
    /// # Errors
    /// When the run has gone back too often.
    pub(super) fn go_back(
        &mut self,
        (step, what, exploded): (u64, String, bool),
        console: &Console,
    ) -> Result<(), RunError> {
        // What came after the last good validation may lead to the same place again.
        let most = match exploded || self.state.faults.returns > 0 {
            true => self.state.progress.validated_step(),
            false => u64::MAX,
        };
        let Some(faults) = self.state.faults.after_return() else {
            if self.workers.is_first() {
                self.remove_after(most)?;
            }
            return Err(RunError::NotFinite {
                step,
                what,
                exploded,
            });
        };
        let prepared = self.prepared;
        let is_first = self.workers.is_first();
        let checkpoint = match is_first {
            true => self
                .remove_after(most)?
                .map(|()| self.last_good(console))
                .transpose()?,
            false => Some(following::hear_state(self.workers)?),
        };
        let sizes = [prepared.source.vocab_size(), prepared.target.vocab_size()];
        let (model, average, optimiser, outer, schedule, state) =
            begin(prepared, sizes, &self.device, checkpoint.as_ref())?;
        (self.average, self.outer) = (average, outer);
        let (backend, contents) = (self.state.backend.clone(), self.state.contents.clone());
        (self.model, self.optimiser, self.schedule) = (Some(model), optimiser, schedule);
        self.state = state;
        if is_first && self.workers.size() > 1 {
            following::tell_state(self.workers, &self.checkpoint())?;
        }
        self.state.finished = false;
        (self.state.faults, self.state.backend, self.state.contents) = (faults, backend, contents);
        let validated = self.state.progress.validated_step();
        if is_first {
            // What cannot be written even now is about updates that come again.
            let _ = self.journal.flush();
            self.journal = Journal::open(self.folder().path(), self.state.step, validated)?;
        }
        let line = format!(
            "warning: after step {step} {what}: back to step {}, with {} times the learning rate",
            self.state.step, faults.factor
        );
        console.say(&line);
        self.journal.log(&line);
        Ok(())
    }

    /// Removes the checkpoints that are not surely good, of which none is after update `most`. Says whether one is left.
    fn remove_after(&self, most: u64) -> Result<Option<()>, RunError> {
        let steps = self.folder().steps().into_iter();
        let steps: Vec<u64> = steps.filter(|step| *step <= most).collect();
        // Those that a run has which is never stopped, if they are still there.
        let regular = steps.iter().rfind(|step| self.is_regular(**step));
        let good = regular.or(steps.last()).copied().unwrap_or(0);
        self.folder().remove_after(good)?;
        Ok((!self.folder().steps().is_empty()).then_some(()))
    }

    /// The last checkpoint.
    fn last_good(&self, console: &Console) -> Result<Checkpoint, RunError> {
        let readers = (&self.prepared.source, &self.prepared.target);
        self.folder().load_last(readers, &|line| console.say(line))
    }
}
