//! The training loop.

use std::time::{Duration, Instant};

use burn::module::Module;
use data::batching::{Position, Prefetched, Prefetcher};

use super::batches::{batch_config, fill};
use super::device_fault::watch;
use super::report::Report;
use super::session::Session;
use super::setup::prepare;
use super::training_set::Heard;
use super::update::{Turn, UpdateSettings};
use super::window::{Record, Window};
use super::{Options, following};
use crate::backend::Choice;
use crate::config::Config;
use crate::console::Console;
use crate::error::RunError;
use crate::interrupt::Interrupt;
use crate::workers::Workers;

/// Samples are shown after so much training even if no validation is due yet.
const FIRST_SAMPLES: Duration = Duration::from_secs(30);

/// Trains the model of `config` and says how it went. A finished run that is resumed is left as it
/// is. Of several processes the first reports.
///
/// # Errors
/// Anything wrong with the input, the run folder or the device; a signal, after saving.
pub fn train(
    config: &Config,
    options: &Options,
    choice: &Choice,
    workers: &dyn Workers,
    interrupt: &Interrupt,
) -> Result<Option<Report>, RunError> {
    let is_first = workers.is_first();
    let mut console = Console::new(options.quiet || !is_first);
    let prepared = match is_first {
        true => {
            let prepared = prepare(
                config,
                options,
                (choice, workers.size()),
                &console,
                interrupt,
            )?;
            if workers.size() > 1 {
                following::tell_run(workers, &prepared)?;
                console.say(&format!("{} processes work on each batch", workers.size()));
            }
            prepared
        }
        false => {
            let console = &console;
            following::hear_run(workers, options, Heard { console, interrupt })?
        }
    };
    interrupt.ask_first();
    let folder = &prepared.folder;
    let begin = || Session::new(&prepared, choice, options, workers, &console);
    let mut session = watch(choice, folder, begin)?;
    session.journal.log(&format!("backend: {choice}"));
    if session.state.finished && session.is_over() {
        console.say(&format!(
            "the run in {} is finished after {} steps: nothing to do",
            prepared.folder.path().display(),
            session.state.step
        ));
        // A process that was killed after its last update has left no report.
        let earlier = match is_first {
            true => session.earlier_report(),
            false => None,
        };
        let has_report = workers.share(vec![u8::from(earlier.is_some())]) == [1];
        if !has_report {
            session.finish(&console)?;
        }
        return match (is_first, earlier) {
            (false, _) => Ok(None),
            (true, Some(report)) => Ok(Some(report)),
            (true, None) => session.conclude(&console, interrupt).map(Some),
        };
    }
    session.state.finished = false;
    console.say(&format!("{} parameters", session.model().num_params()));
    if session.state.step > 0 {
        console.say(&format!("going on after step {}", session.state.step));
    }
    let result = watch(choice, folder, || session.run(&mut console, interrupt));
    console.finish();
    result?;
    let conclude = || session.conclude(&console, interrupt).map(Some);
    match is_first {
        true => watch(choice, folder, conclude),
        false => Ok(None),
    }
}

impl Session<'_> {
    /// Whether a limit is reached.
    fn is_over(&self) -> bool {
        let train = &self.config.train;
        (train.max_steps > 0 && self.state.step >= train.max_steps)
            || (train.max_epochs > 0 && self.state.epoch >= train.max_epochs)
            || self.is_out_of_patience()
    }

    /// How many updates the run will have had at its end, unless it stops early.
    fn total(&self, batches_in_epoch: usize) -> u64 {
        let each = batches_in_epoch.div_ceil(self.config.train.accumulate.max(1)) as u64;
        let epochs = match self.config.train.max_epochs {
            0 => u64::MAX,
            epochs => epochs * each,
        };
        match self.config.train.max_steps {
            0 => epochs,
            steps => steps.min(epochs),
        }
    }

    /// Trains to the end, and saves it. What is not a number any more leads back to the last checkpoint.
    fn run(&mut self, console: &mut Console, interrupt: &Interrupt) -> Result<(), RunError> {
        loop {
            match self.run_on(console, interrupt) {
                Err(RunError::NotFinite {
                    step,
                    what,
                    exploded,
                }) => self.go_back((step, what, exploded), console)?,
                other => return other,
            }
        }
    }

    fn run_on(&mut self, console: &mut Console, interrupt: &Interrupt) -> Result<(), RunError> {
        let train = &self.config.train;
        let batches = batch_config(self.config, self.pad_multiple);
        let start = Position {
            epoch: self.state.epoch,
            batch: self.state.batch,
        };
        let end = (train.max_epochs > 0).then_some(train.max_epochs);
        let dataset = self.prepared.train.clone();
        let (ahead, share) = (self.config.data.prefetch, self.workers.own_share());
        let mut stream = Prefetcher::start(dataset, batches, start, end, ahead, share);
        let mut window = Window::default();
        let mut sampled = false;
        let mut waiting = Vec::new();
        let mut begun = false;
        while !self.is_over() {
            let asked = Instant::now();
            let is_any = fill(&mut waiting, &mut stream, train.accumulate.max(1))?;
            window.waited += asked.elapsed().as_secs_f64();
            if !is_any {
                break;
            }
            if !begun {
                let total = self.total(waiting[0].batches_in_epoch);
                console.start(total, self.state.step);
                begun = true;
            }
            let total = self.total(waiting[0].batches_in_epoch);
            let epoch = waiting.last().map_or(self.state.epoch, |last| last.epoch) + 1;
            if !self.update(&mut waiting, &mut window, console)? {
                self.stop_if_asked(interrupt)?;
                continue;
            }
            let step = self.state.step;
            let meets = self.is_meeting(step) || self.is_over();
            if meets {
                self.meet()?;
            }
            let rate = self.rate(step);
            console.advance(step, total, || {
                format!(
                    "loss {:.3} | {:.0} tokens/s | padding {:.0}% | epoch {}",
                    window.loss(),
                    window.speed(),
                    100.0 * window.padding(),
                    epoch,
                )
            });
            if step.is_multiple_of(train.log_every.max(1)) {
                let recorded = self.record(&window, rate);
                self.bear(recorded, console)?;
                window = Window::default();
            }
            if step.is_multiple_of(self.config.valid.every_steps) {
                self.validate(console, true)?;
                sampled = true;
            } else if !sampled
                && self.state.train_seconds >= FIRST_SAMPLES.as_secs_f64()
                && self.workers.is_first()
            {
                sampled = true;
                let samples = self.validator().samples(self.model())?;
                self.show(
                    console,
                    &format!("step {step}: first translations"),
                    &samples,
                );
            }
            let every = self.config.checkpoint.every_steps;
            let is_time = every > 0 && step.is_multiple_of(every);
            if (is_time && !self.state.progress.is_validated(step)) || (meets && self.saves_again())
            {
                self.try_to_save(console)?;
            }
            // What is saved is what all have agreed on.
            if meets || self.outer.is_none() {
                self.stop_if_asked(interrupt)?;
            }
        }
        if self.is_out_of_patience() {
            console.say(&format!(
                "stopped early: the last {} validations brought no better {} than {:.3} (`valid.patience`)",
                self.state.progress.waited,
                self.config.valid.criterion,
                self.state.progress.best.unwrap_or(f64::NAN),
            ));
        }
        self.finish(console)
    }

    /// Saves and ends the training if somebody asks it to stop.
    fn stop_if_asked(&mut self, interrupt: &Interrupt) -> Result<(), RunError> {
        let Some((name, code)) = self.asked(interrupt) else {
            return Ok(());
        };
        let step = self.state.step;
        if !self.state.progress.is_validated(step) || self.is_unsaved() {
            if !self.is_regular(step) {
                self.share_memory()?;
            }
            self.save()?;
        }
        Err(RunError::Stopped { name, code, step })
    }

    /// The learning rate of update number `step`.
    pub(super) fn rate(&self, step: u64) -> f64 {
        self.schedule.rate(step) * self.state.faults.factor
    }

    /// Whether validations have brought nothing for so long that training ends.
    fn is_out_of_patience(&self) -> bool {
        let patience = self.config.valid.patience;
        patience > 0 && self.state.progress.waited >= patience
    }

    /// One update from the batches that wait. Says whether it was made, and not skipped.
    fn update(
        &mut self,
        waiting: &mut Vec<Prefetched>,
        window: &mut Window,
        console: &Console,
    ) -> Result<bool, RunError> {
        let begun = Instant::now();
        let step = self.state.step + 1;
        let rate = self.rate(step);
        // The model is handed over whole: parameters nobody else holds are updated in place.
        let Some(model) = self.model.take() else {
            unreachable!("the model is away only within an update");
        };
        let lesson = UpdateSettings {
            workers: self.outer.is_none().then_some(self.workers),
            config: self.config,
            judge: self.judge(),
        };
        let turn = Turn {
            updates: self.state.step,
            number: self.state.batches,
            rate,
        };
        let (model, outcome) = lesson.update(model, &mut self.optimiser, waiting, turn)?;
        self.model = Some(model);
        self.state.batches += waiting.len() as u64;
        if let Some(last) = waiting.drain(..).next_back() {
            let next = last.next_position();
            (self.state.epoch, self.state.batch) = (next.epoch, next.batch);
        }
        if let (Some(what), true) = (&outcome.fault, self.outer.is_some()) {
            // The others go on to the next meeting, and so does this one, though it has not moved.
            if self.state.faults.skip(self.config.train.max_skipped) {
                self.exhausted = Some(what.clone());
            }
            let line = format!(
                "warning: after step {} {what}: an update is skipped",
                step - 1
            );
            if self.state.faults.in_a_row == 1 {
                console.say(&line);
            }
            self.journal.log(&line);
            self.state.step = step;
            return Ok(true);
        }
        if let Some(what) = outcome.fault {
            let step = self.state.step;
            if self.state.faults.skip(self.config.train.max_skipped) {
                let exploded = false;
                return Err(RunError::NotFinite {
                    step,
                    what,
                    exploded,
                });
            }
            let line = format!("warning: after step {step} {what}: an update is skipped");
            // One line says it of all that follow.
            if self.state.faults.in_a_row == 1 {
                console.say(&line);
            }
            self.journal.log(&line);
            return Ok(false);
        }
        self.state.faults.in_a_row = 0;
        self.state.step = step;
        if let (Some(average), Some(model), None) = (&mut self.average, &self.model, &self.outer) {
            average.update(model, step, 1);
        }
        window.norm = outcome.norm;
        window.loss += outcome.loss;
        window.tokens += outcome.tokens;
        window.filled += outcome.filled;
        window.places += outcome.places;
        window.tally.add(&outcome.tally);
        let seconds = begun.elapsed().as_secs_f64();
        window.seconds += seconds;
        self.state.train_seconds += seconds;
        Ok(true)
    }

    fn record(&mut self, window: &Window, learning_rate: f64) -> Result<(), RunError> {
        let forcing = &self.config.train.teacher_forcing;
        let updates = self.state.step.saturating_sub(1);
        self.journal.record(&Record {
            kind: "train",
            step: self.state.step,
            epoch: self.state.epoch,
            loss: window.loss(),
            learning_rate,
            gradient_norm: window.norm,
            tokens_per_second: window.speed(),
            padding: window.padding(),
            data_wait: (window.data_wait() * 1e4).round() / 1e4,
            teacher_forcing: forcing.is_on().then(|| forcing.ratio_after(updates)),
            alignment_loss: window.tally.alignment_loss(),
            expected_risk: window.tally.expected_risk(),
        })
    }
}
