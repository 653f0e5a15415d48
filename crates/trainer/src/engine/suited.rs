//! Settings that a config leaves open and the corpus decides.

use data::batching::{Examples, Spread};
use data::corpus::Pair;
use data::tokenizer::{Kind, TokenizerConfig};
use metrics::bleu::Tokenize;

use super::batches::batch_config;
use super::vocabularies::source_text;
use crate::config::{BatchSize, Config, ScheduleKind};

/// Tokens that a translation may have beyond what the corpus has.
const LEAST_MARGIN: usize = 10;

/// Settings that a config leaves open.
pub(super) trait Suited {
    /// Takes from `stored`, the config of the run that is resumed or begun with, what was decided when it began.
    fn decided_as(&mut self, stored: &Config);

    /// Takes from `stored`, the config of the run that is resumed, how large batches and how long translations may be, and
    /// over how many updates the rate falls.
    fn limited_as(&mut self, stored: &Config);

    /// Decides by the training corpus which kind of tokenizer suits each side that leaves it open, and says which.
    fn decide_kinds(&mut self, train: &[Pair]) -> Option<String>;

    /// Decides how BLEU cuts words, as suits the training corpus.
    fn decide_tokenize(&mut self, suited: impl FnOnce() -> Tokenize);

    /// Decides by the examples that the training corpus makes over how many updates a cosine falls, and how long a
    /// translation may be.
    fn decide(&mut self, examples: &dyn Examples);
}

impl Suited for Config {
    fn decided_as(&mut self, stored: &Config) {
        self.valid.tokenize = self.valid.tokenize.or(stored.valid.tokenize);
        let kinds = [
            (
                self.tokenizer.source.as_mut(),
                stored.tokenizer.source.as_ref(),
            ),
            (
                Some(&mut self.tokenizer.target),
                Some(&stored.tokenizer.target),
            ),
        ];
        for (own, stored) in kinds {
            if let (Some(own), Some(stored)) = (own, stored)
                && own.kind == Kind::Auto
            {
                own.kind = stored.kind;
            }
        }
    }

    fn limited_as(&mut self, stored: &Config) {
        let (train, of_stored) = (&mut self.train, &stored.train);
        if train.batch_size == BatchSize::Auto {
            train.batch_size = of_stored.batch_size;
        }
        if train.split_above == 0 {
            train.split_above = of_stored.split_above;
        }
        if self.schedule.kind == stored.schedule.kind {
            let decay_steps = &mut self.schedule.decay_steps;
            *decay_steps = decay_steps.or(stored.schedule.decay_steps);
        }
        let (own, stored) = (&mut self.search, &stored.search);
        own.max_length_ratio = own.max_length_ratio.or(stored.max_length_ratio);
        own.max_length_margin = own.max_length_margin.or(stored.max_length_margin);
    }

    fn decide_kinds(&mut self, train: &[Pair]) -> Option<String> {
        let mut chosen = Vec::new();
        let mut decide = |side: &str, tokenizer: &mut TokenizerConfig, texts: Vec<&str>| {
            if tokenizer.kind == Kind::Auto && tokenizer.file.is_none() {
                tokenizer.kind = Kind::suited_to(texts);
                chosen.push(format!("`{}` for the {side}", tokenizer.kind));
            }
        };
        let pairs = train.iter();
        if self.tokenizer.shared {
            let both = pairs.flat_map(|pair| [source_text(pair), pair.target.as_str()]);
            decide("two sides", &mut self.tokenizer.target, both.collect());
            self.tokenizer.source = Some(self.tokenizer.target.clone());
            return said(&chosen);
        }
        if self.images().is_none() {
            let source = self.tokenizer.source.get_or_insert_default();
            let texts = pairs.clone().map(source_text).collect();
            decide("source", source, texts);
        }
        let texts = pairs.map(|pair| pair.target.as_str()).collect();
        decide("target", &mut self.tokenizer.target, texts);
        said(&chosen)
    }

    fn decide_tokenize(&mut self, suited: impl FnOnce() -> Tokenize) {
        self.valid.tokenize.get_or_insert_with(suited);
    }

    fn decide(&mut self, examples: &dyn Examples) {
        let falls = [ScheduleKind::Cosine, ScheduleKind::Linear].contains(&self.schedule.kind);
        if falls && self.schedule.decay_steps.is_none() {
            let steps = expected_steps(self, examples);
            let after = steps.saturating_sub(self.schedule.warmup_steps).max(1);
            self.schedule.decay_steps = Some(after);
        }
        let search = &mut self.search;
        if search.max_length_ratio.is_none()
            && search.max_length_margin.is_none()
            && let Some((ratio, margin)) = lengths(examples)
        {
            (search.max_length_ratio, search.max_length_margin) = (Some(ratio), Some(margin));
        }
    }
}

/// How many updates a run of `config` will have that does not stop early.
fn expected_steps(config: &Config, train: &dyn Examples) -> u64 {
    let batches = batch_config(config, 1).epoch(train, 0).batches();
    let each = batches.div_ceil(config.train.accumulate.max(1)) as u64;
    let by_epochs = match config.train.max_epochs {
        0 => u64::MAX,
        epochs => epochs.saturating_mul(each),
    };
    match config.train.max_steps {
        0 => by_epochs,
        steps => steps.min(by_epochs),
    }
}

/// The ratio and the margin by which a translation may be twice as long as the corpus has them for sources of its
/// length, and any in the corpus has room; `None` where sources are no lines of tokens.
fn lengths(train: &dyn Examples) -> Option<(f64, usize)> {
    if train.has_pictures() || train.count() == 0 {
        return None;
    }
    let Spread {
        sums: [source, target],
        longest_targets,
    } = train.spread();
    // Two digits, so that a config stays readable.
    let ratio = (200.0 * target as f64 / source as f64).ceil() / 100.0;
    let beyond = |(source, longest): (usize, &usize)| {
        longest.saturating_sub((ratio * source as f64) as usize)
    };
    let margin = longest_targets.iter().enumerate().map(beyond).max();
    let margin = margin.unwrap_or(0);
    Some((ratio, margin + LEAST_MARGIN))
}

/// Returns a notice of the choices, if there were any.
fn said(chosen: &[String]) -> Option<String> {
    let kinds = chosen.join(", ");
    (!chosen.is_empty()).then(|| format!("tokenizers that suit the corpus: {kinds}"))
}
