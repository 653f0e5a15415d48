//! A run in progress: the model with all that moves it, and what is shown and saved of it.

use std::time::{Duration, Instant};

use burn::tensor::Device;
use model::parameters::Parameters;
use model::{Seq2Seq, parameters};
use serde::Serialize;

use super::Options;
use super::agreement::same_backend;
use super::average::{self, Average};
use super::batches::pad_multiple;
use super::following;
use super::outer::Outer;
use super::report::Validation;
use super::setup::Prepared;
use super::validation::{Sample, Validator};
use crate::backend::Choice;
use crate::config::{Config, Criterion};
use crate::console::Console;
use crate::error::RunError;
use crate::optimiser::Optimiser;
use crate::run::{Checkpoint, Journal, RunFolder, State};
use crate::schedule::Schedule;
use crate::signal::Judge;
use crate::workers::Workers;

/// A line of `metrics.jsonl` about a validation.
#[derive(Debug, Serialize)]
struct ValidationRecord<'a> {
    kind: &'static str,
    #[serde(flatten)]
    validation: &'a Validation,
    best: bool,
}

/// A run in progress.
pub(super) struct Session<'a> {
    pub(super) config: &'a Config,
    pub(super) prepared: &'a Prepared,
    pub(super) workers: &'a dyn Workers,
    pub(super) device: Device,
    pub(super) backend: String,
    pub(super) pad_multiple: usize,
    /// Taken out only within an update.
    pub(super) model: Option<Seq2Seq>,
    /// The moving average of its weights, if one is kept.
    pub(super) average: Option<Average>,
    pub(super) optimiser: Optimiser,
    /// What the steps go by that are made where processes meet, if they meet seldom.
    pub(super) outer: Option<Outer>,
    pub(super) schedule: Schedule,
    pub(super) state: State,
    pub(super) journal: Journal,
    /// What is not a number in too many local updates in a row.
    pub(super) exhausted: Option<String>,
    /// When the last attempt to save failed, if it did.
    unsaved: Option<Instant>,
}

/// A loss that is so many times that of guessing has exploded; confidence in what is wrong does not go as far.
const EXPLODED: f64 = 100.0;

/// How long a save that failed is not tried again.
const BEFORE_RETRY: Duration = Duration::from_secs(60);

impl<'a> Session<'a> {
    pub(super) fn new(
        prepared: &'a Prepared,
        choice: &Choice,
        options: &Options,
        workers: &'a dyn Workers,
        console: &Console,
    ) -> Result<Self, RunError> {
        let config = &prepared.config;
        let device = choice.device.clone().autodiff();
        let sizes = [prepared.source.vocab_size(), prepared.target.vocab_size()];
        let is_first = workers.is_first();
        let told = match is_first {
            true => None,
            false => Some(following::hear_state(workers)?),
        };
        let checkpoint = told.as_ref().or(prepared.checkpoint.as_ref());
        let (model, average, optimiser, outer, schedule, mut state) =
            begin(prepared, sizes, &device, checkpoint)?;
        let backend = choice.backend.to_string();
        let (folder, allowed) = (&prepared.folder, &options.allow_changed);
        if let Some(line) = same_backend(folder, &state.backend, &backend, allowed)? {
            console.say(&line);
        }
        state.backend.clone_from(&backend);
        state.contents.clone_from(&prepared.contents);
        let journal = match is_first {
            true => {
                prepared.begin(console)?;
                let validated = state.progress.validated_step();
                Journal::open(prepared.folder.path(), state.step, validated)?
            }
            false => Journal::none(),
        };
        if journal.damaged > 0 {
            let count = journal.damaged;
            console.say(&format!(
                "warning: metrics.jsonl had {count} lines that cannot be read; they are left out"
            ));
        }
        let session = Self {
            config,
            prepared,
            workers,
            device,
            backend,
            pad_multiple: pad_multiple(config, choice),
            journal,
            exhausted: None,
            unsaved: None,
            model: Some(model),
            average,
            optimiser,
            outer,
            schedule,
            state,
        };
        if is_first && workers.size() > 1 {
            following::tell_state(workers, &session.checkpoint())?;
        }
        Ok(session)
    }

    /// All that is to be saved.
    pub(super) fn checkpoint(&self) -> Checkpoint {
        let mut checkpoint = Checkpoint {
            model: parameters::collect(self.model()),
            optimizer: self.optimiser.collect(),
            state: self.state.clone(),
        };
        if let Some(average) = &self.average {
            let own = std::mem::replace(&mut checkpoint.model, average.collect());
            average::hide(own, &mut checkpoint.optimizer);
        }
        if let Some(outer) = &self.outer {
            outer.hide(&mut checkpoint.optimizer);
        }
        checkpoint
    }

    pub(super) fn model(&self) -> &Seq2Seq {
        match &self.model {
            Some(model) => model,
            None => unreachable!("the model is away only within an update"),
        }
    }

    /// Whether a checkpoint is saved after update `step`, however often the run is stopped between.
    pub(super) fn is_regular(&self, step: u64) -> bool {
        let every = self.config.checkpoint.every_steps;
        step.is_multiple_of(self.config.valid.every_steps)
            || (every > 0 && step.is_multiple_of(every))
    }

    /// The model with the moving average of its weights, where one is kept.
    pub(super) fn averaged(&self) -> Result<Option<Seq2Seq>, RunError> {
        let values = self.average.as_ref().map(Average::collect);
        let model = values.map(|values| parameters::place(self.model().clone(), values));
        Ok(model.transpose()?)
    }

    pub(super) fn folder(&self) -> &'a RunFolder {
        &self.prepared.folder
    }

    /// Who weighs the model's own translations, if the objective asks for it.
    pub(super) fn judge(&self) -> Option<Judge<'a>> {
        let prepared = self.prepared;
        prepared.weighed.as_ref().map(|weighed| Judge {
            target: &prepared.target,
            examples: &weighed.examples.examples,
            references: &weighed.references,
            pad_multiple: self.pad_multiple,
        })
    }

    pub(super) fn validator(&self) -> Validator<'a> {
        Validator {
            config: self.config,
            source: &self.prepared.source,
            target: &self.prepared.target,
            corpus: &self.prepared.valid.0,
            dataset: &self.prepared.valid.1,
            pad_multiple: self.pad_multiple,
        }
    }

    pub(super) fn show(&mut self, console: &Console, head: &str, samples: &[Sample]) {
        let lines = samples.iter().flat_map(Sample::lines);
        for line in std::iter::once(head.to_owned()).chain(lines) {
            console.say(&line);
            self.journal.log(&line);
        }
    }

    /// Validates and saves. Only a validation at its `regular` time moves the schedule and early
    /// stopping.
    pub(super) fn validate(&mut self, console: &Console, regular: bool) -> Result<(), RunError> {
        let criterion = self.config.valid.criterion;
        let averaged = self.averaged()?;
        let model = averaged.as_ref().unwrap_or(self.model());
        let mut samples = Vec::new();
        let mut validation = None;
        if self.workers.is_first() {
            let (found, shown) = self.validator().run(model, self.state.step)?;
            (validation, samples) = (Some(found), shown);
        }
        let validation = self.heard(validation)?;
        // Who guesses all words alike loses the logarithm of their number; far beyond that nothing is left to learn from.
        let guess = (self.prepared.target.vocab_size() as f64).ln();
        if !validation.loss.is_finite() || validation.loss > EXPLODED * guess {
            let step = self.state.step;
            let loss = validation.loss;
            let what =
                format!("the validation's loss is {loss:.3e}, and that of guessing {guess:.2}");
            return Err(RunError::NotFinite {
                step,
                what,
                exploded: true,
            });
        }
        if regular {
            self.state.faults.returns = 0;
        }
        let best = self.state.progress.mark(validation, criterion);
        let mut notice = None;
        let mut fell = false;
        if regular {
            let progress = self.state.progress.regular(&validation, criterion);
            notice = self.state.progress.notice(criterion);
            fell = self.schedule.validated(progress);
            self.state.schedule = self.schedule.state();
        }
        let exact = match criterion {
            Criterion::Exact => format!(", exact {:.1}%", 100.0 * validation.exact),
            _ => String::new(),
        };
        let head = format!(
            "{} step {}: loss {:.3}, perplexity {:.2}, BLEU {:.2}, chrF {:.2}{exact}{}",
            if best { "*" } else { " " },
            validation.step,
            validation.loss,
            validation.perplexity,
            validation.bleu,
            validation.chrf,
            if best { " (new best)" } else { "" },
        );
        self.show(console, &head, &samples);
        let cut = (validation.cut > 0).then(|| validation.cut_line());
        for line in notice.into_iter().chain(cut) {
            console.say(&format!("  {line}"));
            self.journal.log(&line);
        }
        if fell {
            let rate = self.rate(self.state.step + 1);
            console.say(&format!(
                "  no progress: the learning rate is now {rate:.2e}"
            ));
        }
        let recorded = self.journal.record(&ValidationRecord {
            kind: "valid",
            validation: &validation,
            best,
        });
        match regular {
            true => {
                self.bear(recorded, console)?;
                self.try_to_save(console)
            }
            false => recorded.and_then(|()| self.save()),
        }
    }

    pub(super) fn save(&mut self) -> Result<(), RunError> {
        let lock = self.prepared.lock.as_ref();
        if lock.is_some_and(|lock| !lock.is_there()) {
            return Err(RunError::FolderGone {
                path: self.folder().path().to_owned(),
                step: self.state.step,
            });
        }
        let checkpoint = self.checkpoint();
        if let Some(name) = checkpoint.first_not_finite() {
            let step = self.state.step;
            let what = format!("`{name}` holds what is not a number");
            return Err(RunError::NotFinite {
                step,
                what,
                exploded: false,
            });
        }
        // All have looked whether these are numbers, so that all go back or none does.
        if !self.workers.is_first() {
            return Ok(());
        }
        self.folder()
            .save(&checkpoint, self.config.checkpoint.keep)?;
        // Records that a full disk has kept back belong to what is saved.
        self.journal.flush()?;
        self.unsaved = None;
        Ok(())
    }

    /// Saves during training, where a disk that is full is no reason to stop: it is said once, and tried again.
    pub(super) fn try_to_save(&mut self, console: &Console) -> Result<(), RunError> {
        let failed_before = self.is_unsaved();
        let saved = self.save();
        self.bear(saved, console)?;
        if failed_before && !self.is_unsaved() {
            console.say(&format!("step {}: the run is saved again", self.state.step));
        }
        Ok(())
    }

    /// Whether the last attempt to save failed.
    pub(super) fn is_unsaved(&self) -> bool {
        self.unsaved.is_some()
    }

    /// Whether it is time to try again to save what could not be saved.
    pub(super) fn saves_again(&self) -> bool {
        // Several processes save together, at their times.
        let is_alone = self.workers.size() == 1;
        let is_due = |since: Instant| since.elapsed() >= BEFORE_RETRY;
        is_alone && self.unsaved.is_some_and(is_due)
    }

    /// Takes a file that cannot be written as something that may pass.
    pub(super) fn bear(
        &mut self,
        result: Result<(), RunError>,
        console: &Console,
    ) -> Result<(), RunError> {
        match result {
            Err(RunError::RunFile {
                action,
                path,
                source,
            }) => {
                if self.unsaved.is_none() {
                    let (path, seconds) = (path.display(), BEFORE_RETRY.as_secs());
                    console.say(&format!(
                        "warning: cannot {action} `{path}`: {source}. What was saved before is whole; training goes \
                         on, and tries again every {seconds} s"
                    ));
                }
                self.unsaved = Some(Instant::now());
                Ok(())
            }
            other => other,
        }
    }
}

/// A model with all that moves it.
pub(super) type Begun = (
    Seq2Seq,
    Option<Average>,
    Optimiser,
    Option<Outer>,
    Schedule,
    State,
);

/// A model with all that moves it: at the beginning of a run, or after the update of `checkpoint`.
pub(super) fn begin(
    prepared: &Prepared,
    sizes: [usize; 2],
    device: &Device,
    checkpoint: Option<&Checkpoint>,
) -> Result<Begun, RunError> {
    let config = &prepared.config;
    let mut model = Seq2Seq::new(&config.model, sizes[0], sizes[1], config.seed, device)?;
    if let Some(start) = &prepared.start {
        model = parameters::place(model, start.model.clone())?;
    }
    let mut optimiser = Optimiser::new(&config.optimizer, config.train.clip_norm);
    let mut schedule = Schedule::new(
        &config.schedule,
        config.optimizer.learning_rate,
        config.model.hidden_size,
    );
    let vocabularies = [prepared.source.fingerprint(), prepared.target.fingerprint()];
    let mut state = State::start(vocabularies, schedule.state());
    let mut averaged = None;
    let mut velocity = Parameters::new();
    if let Some(checkpoint) = checkpoint {
        let Checkpoint {
            model: values,
            mut optimizer,
            state: stored,
        } = checkpoint.clone();
        let own = average::reveal(&mut optimizer);
        velocity = Outer::reveal(&mut optimizer);
        // Without its own weights beside it, what was saved is the model itself.
        model = match own.is_empty() {
            true => parameters::place(model, values)?,
            false => {
                averaged = Some(values);
                parameters::place(model, own)?
            }
        };
        optimiser.restore(&model, optimizer, stored.step)?;
        schedule.restore(stored.schedule);
        state = stored;
    }
    let decay = config.train.ema;
    let average = (decay > 0.0).then(|| match averaged {
        Some(values) => Average::restore(decay, values, &device.clone().inner()),
        None => Average::begin(decay, &model),
    });
    let mut outer = Outer::begin(&config.train, &model);
    if let Some(outer) = &mut outer {
        outer.remember(velocity);
    }
    Ok((model, average, optimiser, outer, schedule, state))
}
