//! The training loop.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use burn::module::Module;
use burn::tensor::Device;
use data::batching::{BatchConfig, Position, Prefetched, Prefetcher};
use data::corpus::{CorpusSource, ReadOptions, read};
use model::dropout::Noise;
use model::{Pairs, Seq2Seq, parameters};
use serde::Serialize;

use super::Options;
use super::report::{Report, Validation};
use super::setup::{Prepared, prepare};
use super::validation::{Sample, Validator};
use crate::backend::Choice;
use crate::config::Config;
use crate::console::Console;
use crate::error::RunError;
use crate::interrupt::Interrupt;
use crate::optimiser::{GradientSum, Optimiser};
use crate::run::{Checkpoint, Journal, RunFolder, State, Which};
use crate::schedule::Schedule;
use crate::scores::Scores;
use crate::translator::{Translator, padded};

/// Samples are shown after so much training even if no validation is due yet.
const FIRST_SAMPLES: Duration = Duration::from_secs(30);

/// A line of `metrics.jsonl` about some updates.
#[derive(Debug, Serialize)]
struct Record {
    kind: &'static str,
    step: u64,
    epoch: u64,
    loss: f64,
    learning_rate: f64,
    gradient_norm: f64,
    tokens_per_second: f64,
    padding: f64,
}

/// A line of `metrics.jsonl` about a validation.
#[derive(Debug, Serialize)]
struct ValidationRecord<'a> {
    kind: &'static str,
    #[serde(flatten)]
    validation: &'a Validation,
    best: bool,
}

/// What has been counted since the last record.
#[derive(Debug, Default)]
struct Window {
    loss: f64,
    tokens: usize,
    places: usize,
    seconds: f64,
    norm: f64,
}

impl Window {
    fn loss(&self) -> f64 {
        self.loss / self.tokens.max(1) as f64
    }

    fn speed(&self) -> f64 {
        self.tokens as f64 / self.seconds.max(1e-9)
    }

    fn padding(&self) -> f64 {
        1.0 - self.tokens as f64 / self.places.max(1) as f64
    }
}

/// Trains the model of `config` and says how it went. A finished run that is resumed is left as it
/// is.
///
/// # Errors
/// Anything wrong with the input, the run folder or the device; a signal, after saving.
pub fn train(
    config: &Config,
    options: &Options,
    choice: &Choice,
    interrupt: &Interrupt,
) -> Result<Report, RunError> {
    let mut console = Console::new(options.quiet);
    let prepared = prepare(config, options, &console)?;
    let mut session = Session::new(config, &prepared, choice)?;
    session.journal.log(&format!("backend: {choice}"));
    if session.state.finished && session.is_over() {
        console.say(&format!(
            "the run in {} is finished after {} steps: nothing to do",
            prepared.folder.path().display(),
            session.state.step
        ));
        // A process that was killed after its last update has left no report.
        return match session.earlier_report() {
            Some(report) => Ok(report),
            None => session.conclude(&console),
        };
    }
    session.state.finished = false;
    console.say(&format!("{} parameters", session.model().num_params()));
    if session.state.step > 0 {
        console.say(&format!("going on after step {}", session.state.step));
    }
    let result = session.run(&mut console, interrupt);
    console.finish();
    result?;
    session.conclude(&console)
}

/// A run in progress.
struct Session<'a> {
    config: &'a Config,
    prepared: &'a Prepared,
    device: Device,
    backend: String,
    pad_multiple: usize,
    /// Taken out only within an update.
    model: Option<Seq2Seq>,
    optimiser: Optimiser,
    schedule: Schedule,
    state: State,
    journal: Journal,
}

impl<'a> Session<'a> {
    fn new(config: &'a Config, prepared: &'a Prepared, choice: &Choice) -> Result<Self, RunError> {
        let device = choice.device.clone().autodiff();
        let sizes = [prepared.source.vocab_size(), prepared.target.vocab_size()];
        let mut model = Seq2Seq::new(&config.model, sizes[0], sizes[1], config.seed, &device)?;
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
        Ok(Self {
            config,
            prepared,
            device,
            backend: choice.backend.to_string(),
            pad_multiple: match config.train.pad_multiple {
                0 if choice.compiles_shapes() => 8,
                0 => 1,
                multiple => multiple,
            },
            journal: Journal::open(prepared.folder.path(), state.step)?,
            model: Some(model),
            optimiser,
            schedule,
            state,
        })
    }

    fn model(&self) -> &Seq2Seq {
        match &self.model {
            Some(model) => model,
            None => unreachable!("the model is away only within an update"),
        }
    }

    fn folder(&self) -> &'a RunFolder {
        &self.prepared.folder
    }

    /// Whether a limit is reached.
    fn is_over(&self) -> bool {
        let (train, valid) = (&self.config.train, &self.config.valid);
        (train.max_steps > 0 && self.state.step >= train.max_steps)
            || (train.max_epochs > 0 && self.state.epoch >= train.max_epochs)
            || (valid.patience > 0 && self.state.progress.waited >= valid.patience)
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

    fn run(&mut self, console: &mut Console, interrupt: &Interrupt) -> Result<(), RunError> {
        let train = &self.config.train;
        let batches = BatchConfig {
            size: train.batch_size,
            unit: train.batch_unit,
            multiple_of: self.pad_multiple,
            seed: self.config.seed,
            ..BatchConfig::default()
        };
        let start = Position {
            epoch: self.state.epoch,
            batch: self.state.batch,
        };
        let end = (train.max_epochs > 0).then_some(train.max_epochs);
        let dataset = self.prepared.train.clone();
        let mut stream = Prefetcher::start(dataset, batches, start, end, self.config.data.prefetch);
        let mut window = Window::default();
        let mut sampled = false;
        let mut waiting = VecDeque::new();
        let mut begun = false;
        while !self.is_over() {
            if !fill(&mut waiting, &mut stream, train.accumulate.max(1)) {
                break;
            }
            if !begun {
                let total = self.total(waiting[0].batches_in_epoch);
                console.start(total, self.state.step);
                begun = true;
            }
            let total = self.total(waiting[0].batches_in_epoch);
            self.update(&mut waiting, &mut window)?;
            let step = self.state.step;
            let rate = self.schedule.rate(step);
            console.advance(step, total, || {
                format!(
                    "loss {:.3} | {:.0} tokens/s | padding {:.0}% | epoch {}",
                    window.loss(),
                    window.speed(),
                    100.0 * window.padding(),
                    self.state.epoch + 1,
                )
            });
            if step.is_multiple_of(train.log_every.max(1)) {
                self.record(&window, rate)?;
                window = Window::default();
            }
            if step.is_multiple_of(self.config.valid.every_steps) {
                self.validate(console, true)?;
                sampled = true;
            } else if !sampled && self.state.train_seconds >= FIRST_SAMPLES.as_secs_f64() {
                sampled = true;
                let samples = self.validator().samples(self.model())?;
                self.show(
                    console,
                    &format!("step {step}: first translations"),
                    &samples,
                );
            }
            let every = self.config.checkpoint.every_steps;
            if every > 0 && step.is_multiple_of(every) && !self.state.progress.is_validated(step) {
                self.save()?;
            }
            if let Some((name, code)) = interrupt.asked() {
                if !self.state.progress.is_validated(step) {
                    self.save()?;
                }
                return Err(RunError::Stopped { name, code, step });
            }
        }
        Ok(())
    }

    /// One update from the batches that wait.
    fn update(
        &mut self,
        waiting: &mut VecDeque<Prefetched>,
        window: &mut Window,
    ) -> Result<(), RunError> {
        let begun = Instant::now();
        let config = self.config;
        let tokens: usize = waiting.iter().map(|one| one.batch.target_tokens).sum();
        let mut gradients = GradientSum::default();
        let mut summed = 0.0;
        for prefetched in waiting.drain(..) {
            let batch = &prefetched.batch;
            let noise = Noise::new(
                config.seed,
                self.state.batches,
                config.model.dropout,
                config.model.dropout_kind,
            );
            let pairs = Pairs {
                source: padded(&batch.source),
                input: padded(&batch.target_input),
                output: padded(&batch.target_output),
            };
            let loss = self
                .model()
                .loss(pairs, config.train.label_smoothing, Some(&noise));
            let mean = loss.sum.div_scalar(tokens as f64);
            gradients.add(self.model(), mean.backward());
            summed += f64::from(mean.into_scalar::<f32>()) * tokens as f64;
            window.places += batch.target_output.rows * batch.target_output.time;
            self.state.batches += 1;
            let next = prefetched.next_position();
            (self.state.epoch, self.state.batch) = (next.epoch, next.batch);
        }
        let step = self.state.step + 1;
        let rate = self.schedule.rate(step);
        // The model is handed over whole: parameters nobody else holds are updated in place.
        let Some(model) = self.model.take() else {
            unreachable!("the model is away only within an update");
        };
        let (model, update) = self.optimiser.update(model, gradients, rate);
        self.model = Some(model);
        if !update.norm.is_finite() || !summed.is_finite() {
            return Err(RunError::NotFinite { step });
        }
        window.norm = update.norm;
        self.state.step = step;
        window.loss += summed;
        window.tokens += tokens;
        let seconds = begun.elapsed().as_secs_f64();
        window.seconds += seconds;
        self.state.train_seconds += seconds;
        Ok(())
    }

    fn record(&mut self, window: &Window, learning_rate: f64) -> Result<(), RunError> {
        self.journal.record(&Record {
            kind: "train",
            step: self.state.step,
            epoch: self.state.epoch,
            loss: window.loss(),
            learning_rate,
            gradient_norm: window.norm,
            tokens_per_second: window.speed(),
            padding: window.padding(),
        })
    }

    fn validator(&self) -> Validator<'a> {
        Validator {
            config: self.config,
            source: &self.prepared.source,
            target: &self.prepared.target,
            pairs: &self.prepared.valid.0,
            dataset: &self.prepared.valid.1,
            pad_multiple: self.pad_multiple,
        }
    }

    fn show(&mut self, console: &Console, head: &str, samples: &[Sample]) {
        let lines = samples.iter().flat_map(Sample::lines);
        for line in std::iter::once(head.to_owned()).chain(lines) {
            console.say(&line);
            self.journal.log(&line);
        }
    }

    /// Validates and saves. Only a validation at its `regular` time moves the schedule and early
    /// stopping.
    fn validate(&mut self, console: &Console, regular: bool) -> Result<(), RunError> {
        let criterion = self.config.valid.criterion;
        let (validation, samples) = self.validator().run(self.model(), self.state.step)?;
        let value = validation.value(criterion);
        let best = self.state.progress.mark(validation, criterion);
        let mut fell = false;
        if regular {
            let progress = self.state.progress.regular(value, criterion);
            fell = self.schedule.validated(progress);
            self.state.schedule = self.schedule.state();
        }
        let head = format!(
            "{} step {}: loss {:.3}, perplexity {:.2}, BLEU {:.2}, chrF {:.2}{}",
            if best { "*" } else { " " },
            validation.step,
            validation.loss,
            validation.perplexity,
            validation.bleu,
            validation.chrf,
            if best { " (new best)" } else { "" },
        );
        self.show(console, &head, &samples);
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

    fn save(&mut self) -> Result<(), RunError> {
        let checkpoint = Checkpoint {
            model: parameters::collect(self.model()),
            optimizer: self.optimiser.collect(),
            state: self.state.clone(),
        };
        self.folder().save(&checkpoint, self.config.checkpoint.keep)
    }

    /// The last validation and checkpoint, and the scores of the best one.
    fn conclude(mut self, console: &Console) -> Result<Report, RunError> {
        let config = self.config;
        self.state.finished = true;
        if self.state.progress.is_validated(self.state.step) {
            self.save()?;
        } else {
            self.validate(console, false)?;
        }
        self.model = None;
        let best = self.folder().load(
            &Which::Best,
            self.fingerprints().each_ref().map(String::as_str),
        )?;
        let sizes = [
            self.prepared.source.vocab_size(),
            self.prepared.target.vocab_size(),
        ];
        let model = Seq2Seq::new(
            &self.config.model,
            sizes[0],
            sizes[1],
            0,
            &self.device.clone().inner(),
        )?;
        let model = parameters::place(model, best.model)?;
        let mut score = |name: &str,
                         source: Option<&CorpusSource>|
         -> Result<Option<Scores>, RunError> {
            let Some(source) = source else {
                return Ok(None);
            };
            let scores = self.evaluate(&model, source)?;
            let line = format!(
                "{name} ({source}), step {}: BLEU {:.2}, chrF {:.2}, exact {:.1}% of {} sentences, beam {}  [{}]",
                best.state.step,
                scores.bleu,
                scores.chrf,
                100.0 * scores.exact_match,
                scores.sentences,
                self.config.search.beam,
                scores.signature,
            );
            console.say(&line);
            self.journal.log(&line);
            Ok(Some(scores))
        };
        let test = score("test", config.data.test.as_ref())?;
        let unseen = score("unseen", config.data.unseen.as_ref())?;
        let report = self.report(test, unseen)?;
        let text = serde_json::to_vec_pretty(&report).unwrap_or_default();
        self.folder().write("report.json", &text)?;
        Ok(report)
    }

    fn fingerprints(&self) -> [String; 2] {
        [
            self.prepared.source.fingerprint(),
            self.prepared.target.fingerprint(),
        ]
    }

    fn evaluate(&self, model: &Seq2Seq, source: &CorpusSource) -> Result<Scores, RunError> {
        let pairs = read(source, &ReadOptions::default())?.pairs;
        let translator = Translator {
            model,
            source: &self.prepared.source,
            target: &self.prepared.target,
            search: self.config.search.clone(),
            batch_size: self.config.valid.batch_size,
            pad_multiple: self.pad_multiple,
        };
        let sources: Vec<&str> = pairs.iter().map(|pair| pair.source.as_str()).collect();
        let hypotheses = translator.texts(&sources)?;
        let references: Vec<String> = pairs.iter().map(|pair| pair.target.clone()).collect();
        Scores::new(&hypotheses, &references, self.config.valid.tokenize)
    }

    /// What a run that was finished before said then.
    fn earlier_report(&self) -> Option<Report> {
        let text = std::fs::read(self.folder().file("report.json")).ok()?;
        let report: Report = serde_json::from_slice(&text).ok()?;
        (report.steps == self.state.step).then(|| Report {
            run_dir: self.folder().path().to_owned(),
            ..report
        })
    }

    fn report(&self, test: Option<Scores>, unseen: Option<Scores>) -> Result<Report, RunError> {
        let folder = self.folder();
        Ok(Report {
            run_dir: folder.path().to_owned(),
            steps: self.state.step,
            epochs: self.state.epoch + u64::from(self.state.batch > 0),
            train_seconds: (self.state.train_seconds * 1000.0).round() / 1000.0,
            backend: self.backend.clone(),
            best_step: folder.step_of(&Which::Best)?,
            valid: self.state.progress.last,
            test,
            unseen,
        })
    }
}

/// Takes the batches of one update, never across an epoch's end. False when there are no more.
fn fill(waiting: &mut VecDeque<Prefetched>, stream: &mut Prefetcher, count: usize) -> bool {
    while waiting.len() < count {
        let Some(next) = stream.next() else {
            break;
        };
        let last = next.index_in_epoch + 1 == next.batches_in_epoch;
        waiting.push_back(next);
        if last {
            break;
        }
    }
    !waiting.is_empty()
}
