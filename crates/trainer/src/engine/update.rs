//! One update of a model: loss and gradients of its batches, clipping, the optimiser's step.

use std::time::{Duration, Instant};

use burn::module::Module;
use data::batching::{Batch, Prefetched};
use kernels::parallel;
use model::dropout::Noise;
use model::{Forcing, Guide, SHARED, Seq2Seq, Signals};
use operations::cross_entropy::Loss;

use super::together;
use crate::config::Config;
use crate::error::RunError;
use crate::optimiser::{GradientSum, Optimiser, Update};
use crate::signal::{GoldAlignment, Judge, Tally, Words};
use crate::workers::Workers;

/// Outcome of an update.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// Objective that is minimised: the loss, summed over the target tokens.
    pub(crate) loss: f64,
    /// Target tokens that are not padding, end marks counted.
    pub(crate) tokens: usize,
    /// Target places, or columns of images, that are not padding.
    pub(crate) filled: usize,
    /// Those with padding.
    pub(crate) places: usize,
    /// Totals of the other signals.
    pub(crate) tally: Tally,
    /// The norm of the whole gradient before clipping.
    pub(crate) norm: f64,
    /// How long clipping and the optimiser's step took.
    pub(crate) optimiser: Duration,
    /// What is not a number, as a clause. Nothing was moved then.
    pub(crate) fault: Option<String>,
}

/// Where in a run an update is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    /// Updates made before it.
    pub(crate) updates: u64,
    /// The run's number of its first micro-batch.
    pub(crate) number: u64,
    /// The learning rate.
    pub(crate) rate: f64,
}

/// Settings that updates follow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UpdateSettings<'a> {
    /// The run's settings.
    pub(crate) config: &'a Config,
    /// Who weighs the model's own translations, if the objective asks for it.
    pub(crate) judge: Option<Judge<'a>>,
    /// The processes that make one update of all rows of the batches; none where this one makes it of its own.
    pub(crate) workers: Option<&'a dyn Workers>,
}

impl UpdateSettings<'_> {
    /// Moves `model` by the mean gradient over the target tokens of `batches`, all that any process has of them.
    ///
    /// # Errors
    /// Those of [`Judge::learn`].
    pub(crate) fn update(
        &self,
        model: Seq2Seq,
        optimiser: &mut Optimiser,
        batches: &[Prefetched],
        turn: Turn,
    ) -> Result<(Seq2Seq, Outcome), RunError> {
        let size_of = |one: &Prefetched| match self.workers {
            Some(_) => [one.whole.target_tokens(), one.whole.rows()],
            None => [one.batch.target_tokens, one.batch.source.rows()],
        };
        let sizes = batches.iter().map(size_of);
        let [tokens, sentences] =
            sizes.fold([0; 2], |sums, size| [sums[0] + size[0], sums[1] + size[1]]);
        let workers = self.workers.filter(|workers| workers.size() > 1);
        let passes = Passes {
            workers: workers.filter(|_| batches.len() == 1),
            ..self.all_passes([tokens, sentences])
        };
        let passed = parallel::on_pool(move || passes.through(model, batches, turn));
        let (model, mut gradients, mut found) = passed?;
        if let Some(workers) = workers {
            together::sum_up(workers, &model, &mut gradients, &mut found);
        }
        let config = self.config;
        parallel::on_pool(move || {
            let PassTotals {
                loss,
                filled,
                places,
                tally,
            } = found;
            if config.model.share_embeddings {
                gradients.tie(&model, SHARED);
            }
            let begun = Instant::now();
            let (model, update) = match loss.is_finite() {
                true => optimiser.update(model, gradients, turn.rate),
                false => {
                    let norm = gradients.norm();
                    let fault = gradients.first_not_finite(&model);
                    (model, Update { norm, fault })
                }
            };
            let fault = match &update.fault {
                _ if loss.is_finite() && update.norm.is_finite() => None,
                Some(name) => Some(format!("the gradient of `{name}` is not a number")),
                None if loss.is_finite() => {
                    Some("the gradient's norm is no number any more".into())
                }
                None => Some("the loss is not a number".into()),
            };
            let outcome = Outcome {
                loss,
                tokens,
                filled,
                places,
                tally,
                norm: update.norm,
                optimiser: begun.elapsed(),
                fault,
            };
            Ok((model, outcome))
        })
    }
}

impl<'a> UpdateSettings<'a> {
    fn all_passes(&self, [tokens, sentences]: [usize; 2]) -> Passes<'a> {
        Passes {
            config: self.config,
            judge: self.judge,
            workers: None,
            tokens,
            sentences,
        }
    }

    /// Goes forward and backward through `batches`, and moves nothing.
    ///
    /// # Errors
    /// Those of [`Judge::learn`].
    pub(super) fn passes(
        &self,
        model: Seq2Seq,
        batches: &[Prefetched],
        turn: Turn,
    ) -> Result<Seq2Seq, RunError> {
        let passes = self.all_passes([1; 2]);
        let (model, _, _) = parallel::on_pool(move || passes.through(model, batches, turn))?;
        Ok(model)
    }
}

/// What the passes over the batches of an update found.
#[derive(Debug, Default)]
pub(super) struct PassTotals {
    /// The loss, summed over the target tokens.
    pub(super) loss: f64,
    /// Target places, or columns of images, that are not padding.
    pub(super) filled: usize,
    /// Those with padding.
    pub(super) places: usize,
    /// Totals of the other signals.
    pub(super) tally: Tally,
}

/// The passes forward and backward over the batches of an update.
#[derive(Clone, Copy)]
struct Passes<'a> {
    config: &'a Config,
    judge: Option<Judge<'a>>,
    /// The processes that each go through one batch of the update, where there are any.
    workers: Option<&'a dyn Workers>,
    /// Target tokens that the update is a mean over, and their sentences.
    tokens: usize,
    sentences: usize,
}

impl<'a> Passes<'a> {
    /// The gradients of the batches.
    fn through(
        &self,
        model: Seq2Seq,
        batches: &[Prefetched],
        turn: Turn,
    ) -> Result<(Seq2Seq, GradientSum, PassTotals), RunError> {
        // A process may have no row of a short batch.
        let mut gradients = GradientSum::new(1.0 / self.tokens.max(1) as f64);
        let mut found = PassTotals::default();
        let numbered = (turn.number..).zip(batches);
        for (number, one) in numbered.filter(|(_, one)| one.batch.source.rows() > 0) {
            let turn = Turn { number, ..turn };
            match self.parts_of(&one.batch) {
                0 | 1 => self.pass(&model, one, turn, &mut gradients, &mut found)?,
                count => {
                    for part in one.parts(count) {
                        self.pass(&model, &part, turn, &mut gradients, &mut found)?;
                    }
                }
            }
        }
        Ok((model, gradients, found))
    }

    /// In how many parts a batch is worked on.
    fn parts_of(&self, batch: &Batch) -> usize {
        match self.config.train.split_above {
            0 => 1,
            most => {
                let rows = batch.source.rows();
                let rows_at_once = most / batch.places().div_ceil(rows.max(1)).max(1);
                rows.div_ceil(rows_at_once.max(1))
            }
        }
    }

    /// Adds the gradients of a batch, or of a part of one that is too large to be worked on at once.
    fn pass(
        &self,
        model: &Seq2Seq,
        one: &Prefetched,
        turn: Turn,
        gradients: &mut GradientSum,
        found: &mut PassTotals,
    ) -> Result<(), RunError> {
        let likelihood = self.config.train.likelihood();
        let tally = &mut found.tally;
        if likelihood > 0.0 {
            found.loss += self.read(model, one, turn, gradients, tally);
        }
        if let Some(judge) = &self.judge {
            // The risk is a mean over sentences, and the sum is to be divided by tokens.
            let scale = (1.0 - likelihood) * self.tokens as f64 / self.sentences as f64;
            let risk = judge.learn(self.config, model, one, turn.number, scale, gradients)?;
            found.loss += scale * risk;
            tally.risk += risk;
            tally.judged += one.batch.source.rows();
        }
        let [real, all] = one.batch.filled();
        (found.filled, found.places) = (found.filled + real, found.places + all);
        Ok(())
    }

    /// Adds the gradients of the cross-entropy of a batch, and of what goes with it; gives its share of
    /// the loss.
    fn read(
        &self,
        model: &Seq2Seq,
        one: &Prefetched,
        turn: Turn,
        gradients: &mut GradientSum,
        tally: &mut Tally,
    ) -> f64 {
        let (config, train) = (self.config, &self.config.train);
        let noise = Noise::new(
            config.seed,
            turn.number,
            config.model.dropout,
            config.model.dropout_kind,
        )
        .with_layer_rate(config.model.layer_dropout())
        .of_rows(one.whole.own());
        let words = self.words(model, one, turn);
        let gold = train
            .guided_alignment
            .is_on()
            .then(|| GoldAlignment::of(&one.batch));
        let signals = Signals {
            smoothing: train.label_smoothing,
            coverage: train.coverage_loss,
            guide: gold.as_ref().map(|gold| Guide {
                weight: train.guided_alignment.weight_in(one.epoch),
                distance: train.guided_alignment.distance,
                gold: &gold.weights,
            }),
            weights: None,
        };
        let loss = match self.sender(model, one) {
            None => {
                let loss = model.loss_with(words.pairs(), &signals, Some(&noise));
                let share = train.likelihood();
                let sum = match share < 1.0 {
                    true => loss.sum * share,
                    false => loss.sum,
                };
                gradients.add(model, sum.backward());
                Loss { sum, ..loss }
            }
            Some(workers) => {
                let (loss, staged) = model.staged_loss(words.pairs(), &signals, Some(&noise));
                let (output, rest) = staged.output();
                gradients.add(model, output);
                together::sum_beside(workers, model, gradients, || rest.backward());
                loss
            }
        };
        if let (Some(guided), Some(gold)) = (loss.guided, gold) {
            tally.guided += f64::from(guided.into_scalar::<f32>());
            tally.linked += gold.linked;
        }
        f64::from(loss.sum.into_scalar::<f32>())
    }

    /// The processes to which the output layer's gradient goes while the others are found: where each goes through one batch,
    /// once. All decide alike.
    fn sender(&self, model: &Seq2Seq, one: &Prefetched) -> Option<&'a dyn Workers> {
        let workers = self.workers?;
        let once = self.judge.is_none() && self.config.train.split_above == 0;
        let all = one.whole.rows() >= workers.size();
        (once && all && model.output.weight.is_some()).then_some(workers)
    }

    /// Returns the words that the model reads of a batch.
    fn words<'b>(&self, model: &Seq2Seq, one: &'b Prefetched, turn: Turn) -> Words<'b> {
        let (config, train) = (self.config, &self.config.train);
        let mut words = Words::of(&one.batch);
        if train.word_dropout.is_on() {
            words = words.with_unknown(&train.word_dropout, config.seed, turn.number, &one.whole);
        }
        let ratio = train.teacher_forcing.ratio_after(turn.updates);
        if ratio < 1.0 {
            let forcing = Forcing {
                ratio,
                coin: train.teacher_forcing.coin,
                guess: train.teacher_forcing.guess,
                seed: config.seed,
                step: turn.number,
                rows: one.whole.own(),
            };
            words = words.with_own(&model.valid(), &forcing);
        }
        words
    }
}
