//! Minimum-risk training: a model learns from the worth of its own translations.

use burn::module::Module;
use data::batching::{Batch, Example, Prefetched, collate};
use data::tokenizer::Tokenizer;
use metrics::bleu::Bleu;
use model::search::{Favour, Method, Precision, Task, searcher};
use model::{Hypothesis, SearchConfig, Seq2Seq, Signals};

use super::risk::expected;
use super::words::Words;
use crate::config::Config;
use crate::error::RunError;
use crate::optimiser::GradientSum;
use crate::translator::{MARKS, input, pairs};

/// More rows than a batch ever has: numbers of sentences in different micro-batches never meet.
const ROWS: usize = 1 << 24;

/// Weighs a model's own translations against references.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judge<'a> {
    /// Joins targets.
    pub(crate) target: &'a Tokenizer,
    /// The data set's examples.
    pub(crate) examples: &'a [Example],
    /// The text of each of their targets.
    pub(crate) references: &'a [String],
    /// Lengths are padded up to a multiple of this.
    pub(crate) pad_multiple: usize,
}

/// A translation of a sentence.
struct Translation {
    tokens: Vec<u32>,
    log_probability: f64,
}

/// A translation with what its log-probability is to be multiplied by.
struct Weighted {
    example: Example,
    weight: f32,
}

impl Judge<'_> {
    /// The expected risk of the sentences of `one`, micro-batch `number`, that are here, summed. Its gradient, times
    /// `scale`, is added to `gradients`.
    ///
    /// Translations are drawn by the run's seed and `number`. Neither they nor the gradient are made with
    /// dropout: the risk is that of the model as it translates.
    ///
    /// # Errors
    /// When a tokenizer fails.
    pub(crate) fn learn(
        &self,
        config: &Config,
        model: &Seq2Seq,
        one: &Prefetched,
        number: u64,
        scale: f64,
        gradients: &mut GradientSum,
    ) -> Result<f64, RunError> {
        let alpha = config.train.minimum_risk.alpha();
        let bleu = Bleu::new(config.valid.tokenize());
        let mut risk = 0.0;
        let mut weighted = Vec::new();
        let batch = &one.batch;
        let candidates = candidates(config, &model.valid(), one, number)?;
        for (row, candidates) in candidates.into_iter().enumerate() {
            let place = batch.indices[row];
            let (source, reference) = (&self.examples[place].source, &self.references[place]);
            let mut risks = Vec::with_capacity(candidates.len());
            for candidate in &candidates {
                let text = self.target.decode(&candidate.tokens)?;
                risks.push(1.0 - bleu.sentence(&text, &[reference])?.score / 100.0);
            }
            let logs: Vec<f64> = candidates.iter().map(|one| one.log_probability).collect();
            let expected = expected(&logs, &risks, alpha);
            risk += expected.risk;
            for (candidate, slope) in candidates.into_iter().zip(expected.slopes) {
                if slope != 0.0 {
                    weighted.push(Weighted {
                        example: Example {
                            source: source.clone(),
                            target: candidate.tokens,
                        },
                        // The loss has the negative log-probability.
                        weight: (-scale * slope) as f32,
                    });
                }
            }
        }
        // Like lengths together, as many at once as the batch has sentences.
        weighted.sort_by_key(|one| std::cmp::Reverse(one.example.target.len()));
        for part in weighted.chunks(batch.source.rows().max(1)) {
            self.add(model, part, gradients);
        }
        Ok(risk)
    }

    /// Adds the gradient of the sum of weights times negative log-probabilities.
    fn add(&self, model: &Seq2Seq, part: &[Weighted], gradients: &mut GradientSum) {
        let examples: Vec<&Example> = part.iter().map(|one| &one.example).collect();
        let batch = collate(&examples, self.pad_multiple);
        let places = batch.indices.iter();
        let weights: Vec<f32> = places.map(|&place| part[place].weight).collect();
        let signals = Signals {
            weights: Some(&weights),
            ..Signals::default()
        };
        let found = model.loss_with(Words::of(&batch).pairs(), &signals, None);
        gradients.add(model, found.sum.backward());
    }
}

/// Different translations of each sentence of `batch`, drawn word by word from `model`, one without
/// gradients; the reference is the last one, if it is wanted and was not drawn.
fn candidates(
    config: &Config,
    model: &Seq2Seq,
    one: &Prefetched,
    number: u64,
) -> Result<Vec<Vec<Translation>>, RunError> {
    let risk = &config.train.minimum_risk;
    let (batch, own) = (&one.batch, one.whole.own());
    let rows = batch.source.rows();
    let search = SearchConfig {
        method: Method::Sample,
        max_length: config.search.max_length,
        max_length_ratio: config.search.max_length_ratio,
        max_length_margin: config.search.max_length_margin,
        allow_unknown: config.search.allow_unknown,
        seed: Some(config.seed),
        ..SearchConfig::default()
    };
    let place = |row| number as usize * ROWS + own.number(row);
    let numbers: Vec<usize> = (0..rows).map(place).collect();
    let task = Task {
        n_best: risk.samples(),
        numbers: &numbers,
        ..Task::new(&search, &MARKS)
    };
    let searcher = searcher(model, Precision::Full, Favour::Throughput);
    let drawn = searcher.search(input(&batch.source), &task)?;
    let mut references = match risk.reference() {
        true => references(model, batch),
        false => Vec::new(),
    }
    .into_iter();
    let of_row = |samples: Vec<Hypothesis>| {
        let mut different: Vec<Translation> = Vec::with_capacity(samples.len() + 1);
        let samples = samples.into_iter().map(|sample| Translation {
            tokens: sample.tokens,
            log_probability: sample.log_probability,
        });
        for one in samples.chain(references.next()) {
            if different.iter().all(|other| other.tokens != one.tokens) {
                different.push(one);
            }
        }
        different
    };
    Ok(drawn.into_iter().map(of_row).collect())
}

/// The right translations of `batch` and how probable `model` finds them.
fn references(model: &Seq2Seq, batch: &Batch) -> Vec<Translation> {
    let scores = model.score(pairs(batch));
    let of_row = |(row, words): (usize, Vec<f32>)| Translation {
        tokens: batch.target_output.row(row)[..words.len()]
            .iter()
            .map(|&id| id as u32)
            .collect(),
        log_probability: words.into_iter().map(f64::from).sum(),
    };
    scores.into_iter().enumerate().map(of_row).collect()
}
