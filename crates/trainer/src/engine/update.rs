//! One update of a model: loss and gradients of its batches, clipping, the optimiser's step.

use std::time::{Duration, Instant};

use data::batching::Prefetched;
use kernels::parallel;
use model::dropout::Noise;
use model::{Pairs, Seq2Seq, Signals};

use crate::config::Config;
use crate::optimiser::{GradientSum, Optimiser};
use crate::translator::{input, padded};

/// What an update did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    /// The loss, summed over the target tokens.
    pub(crate) loss: f64,
    /// Target tokens that are not padding, end marks counted.
    pub(crate) tokens: usize,
    /// Target places, or columns of images, that are not padding.
    pub(crate) filled: usize,
    /// Those with padding.
    pub(crate) places: usize,
    /// The norm of the whole gradient before clipping.
    pub(crate) norm: f64,
    /// How long clipping and the optimiser's step took.
    pub(crate) optimiser: Duration,
}

impl Outcome {
    /// Whether loss and gradient are numbers. If not, nothing was moved.
    pub(crate) fn is_finite(&self) -> bool {
        self.norm.is_finite() && self.loss.is_finite()
    }
}

/// Moves `model` by the mean gradient over the target tokens of `batches`, the first of which is
/// micro-batch number `first` of the run, at the learning rate `rate`.
pub(crate) fn update(
    config: &Config,
    model: Seq2Seq,
    optimiser: &mut Optimiser,
    batches: &[Prefetched],
    first: u64,
    rate: f64,
) -> (Seq2Seq, Outcome) {
    parallel::on_pool(move || {
        let tokens: usize = batches.iter().map(|one| one.batch.target_tokens).sum();
        let mut gradients = GradientSum::new(1.0 / tokens as f64);
        let (mut loss, mut filled, mut places) = (0.0, 0, 0);
        for (number, Prefetched { batch, .. }) in (first..).zip(batches) {
            let noise = Noise::new(
                config.seed,
                number,
                config.model.dropout,
                config.model.dropout_kind,
            )
            .with_layer_rate(config.model.layer_dropout());
            let pairs = Pairs {
                source: input(&batch.source),
                input: padded(&batch.target_input),
                output: padded(&batch.target_output),
            };
            let signals = Signals {
                smoothing: config.train.label_smoothing,
                coverage: config.train.coverage_loss,
            };
            let found = model.loss_with(pairs, &signals, Some(&noise));
            gradients.add(&model, found.sum.backward());
            loss += f64::from(found.sum.into_scalar::<f32>());
            let [real, all] = batch.filled();
            (filled, places) = (filled + real, places + all);
        }
        let begun = Instant::now();
        let (model, update) = optimiser.update(model, gradients, rate);
        let outcome = Outcome {
            loss,
            tokens,
            filled,
            places,
            norm: update.norm,
            optimiser: begun.elapsed(),
        };
        (model, outcome)
    })
}
