//! A run in progress: the model with all that moves it, and what is shown and saved of it.

use burn::tensor::Device;
use model::{Seq2Seq, parameters};
use serde::Serialize;

use super::batches::pad_multiple;
use super::report::Validation;
use super::setup::Prepared;
use super::validation::{Sample, Validator};
use crate::backend::Choice;
use crate::config::{Config, Criterion, Objective};
use crate::console::Console;
use crate::error::RunError;
use crate::optimiser::Optimiser;
use crate::run::{Checkpoint, Journal, RunFolder, State};
use crate::schedule::Schedule;
use crate::signal::Judge;

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
    pub(super) device: Device,
    pub(super) backend: String,
    pub(super) pad_multiple: usize,
    /// Taken out only within an update.
    pub(super) model: Option<Seq2Seq>,
    pub(super) optimiser: Optimiser,
    pub(super) schedule: Schedule,
    pub(super) state: State,
    pub(super) journal: Journal,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        prepared: &'a Prepared,
        choice: &Choice,
        console: &Console,
    ) -> Result<Self, RunError> {
        let config = &prepared.config;
        let device = choice.device.clone().autodiff();
        let sizes = [prepared.source.vocab_size(), prepared.target.vocab_size()];
        let mut model = Seq2Seq::new(&config.model, sizes[0], sizes[1], config.seed, &device)?;
        if let Some(start) = &prepared.start {
            model = parameters::place(model, start.model.clone())?;
        }
        let mut optimiser = Optimiser::new(&config.optimizer, config.train.clip_norm);
        let mut schedule = Schedule::new(&config.schedule, config.optimizer.learning_rate);
        let vocabularies = [prepared.source.fingerprint(), prepared.target.fingerprint()];
        let mut state = State::start(vocabularies, schedule.state());
        if let Some(checkpoint) = &prepared.checkpoint {
            let Checkpoint {
                model: values,
                optimizer,
                state: stored,
            } = checkpoint.clone();
            model = parameters::place(model, values)?;
            optimiser.restore(&model, optimizer, stored.step)?;
            schedule.restore(stored.schedule);
            state = stored;
        }
        state.contents.clone_from(&prepared.contents);
        prepared.begin(console)?;
        Ok(Self {
            config,
            prepared,
            device,
            backend: choice.backend.to_string(),
            pad_multiple: pad_multiple(config, choice),
            journal: Journal::open(
                prepared.folder.path(),
                state.step,
                state.progress.last.map_or(0, |last| last.step),
            )?,
            model: Some(model),
            optimiser,
            schedule,
            state,
        })
    }

    pub(super) fn model(&self) -> &Seq2Seq {
        match &self.model {
            Some(model) => model,
            None => unreachable!("the model is away only within an update"),
        }
    }

    pub(super) fn folder(&self) -> &'a RunFolder {
        &self.prepared.folder
    }

    /// Who weighs the model's own translations, if the objective asks for it.
    pub(super) fn judge(&self) -> Option<Judge<'a>> {
        let prepared = self.prepared;
        let judge = || Judge {
            target: &prepared.target,
            examples: &prepared.train.examples,
            references: &prepared.references,
            pad_multiple: self.pad_multiple,
        };
        (self.config.train.objective == Objective::MinimumRisk).then(judge)
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
        let (validation, samples) = self.validator().run(self.model(), self.state.step)?;
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
            let rate = self.schedule.rate(self.state.step + 1);
            console.say(&format!(
                "  no progress: the learning rate is now {rate:.2e}"
            ));
        }
        self.journal.record(&ValidationRecord {
            kind: "valid",
            validation: &validation,
            best,
        })?;
        self.save()
    }

    pub(super) fn save(&mut self) -> Result<(), RunError> {
        if !self.prepared.lock.is_there() {
            return Err(RunError::FolderGone {
                path: self.folder().path().to_owned(),
                step: self.state.step,
            });
        }
        let checkpoint = Checkpoint {
            model: parameters::collect(self.model()),
            optimizer: self.optimiser.collect(),
            state: self.state.clone(),
        };
        self.folder().save(&checkpoint, self.config.checkpoint.keep)
    }
}
