//! How good the model is now.

use burn::module::Module;
use data::batching::{Dataset, sequential};
use data::corpus::{Corpus, Pair};
use data::tokenizer::Tokenizer;
use model::search::{Favour, Method, Precision, searcher};
use model::{SearchConfig, Seq2Seq};

use super::report::Validation;
use crate::config::Config;
use crate::error::RunError;
use crate::reader::Reader;
use crate::scores::Scores;
use crate::translator::{Texts, Translator, pairs};

/// A source with its reference and what the model says.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    source: String,
    reference: String,
    hypothesis: String,
}

impl Sample {
    /// Three lines, as they are shown.
    pub(super) fn lines(&self) -> [String; 3] {
        [
            format!("  source      {}", self.source),
            format!("  reference   {}", self.reference),
            format!("  hypothesis  {}", self.hypothesis),
        ]
    }
}

/// Measures a model on a set of pairs.
#[derive(Debug)]
pub(super) struct Validator<'a> {
    pub(super) config: &'a Config,
    pub(super) source: &'a Reader,
    pub(super) target: &'a Tokenizer,
    pub(super) corpus: &'a Corpus,
    pub(super) dataset: &'a Dataset,
    pub(super) pad_multiple: usize,
}

impl Validator<'_> {
    /// The loss over all pairs, without smoothing, in nats a token.
    fn loss(&self, model: &Seq2Seq) -> f64 {
        let (mut sum, mut tokens) = (0.0, 0);
        for places in sequential(self.dataset, self.config.valid.batch_size) {
            let batch = self.dataset.batch(&places, self.pad_multiple);
            let loss = model.loss(pairs(&batch), 0.0, None);
            sum += f64::from(loss.negative_log_likelihood.into_scalar::<f32>());
            tokens += loss.tokens;
        }
        sum / tokens.max(1) as f64
    }

    /// Greedy translations of the first `count` pairs.
    fn translate(&self, model: &Seq2Seq, count: usize) -> Result<Texts, RunError> {
        let searcher = searcher(model, Precision::Full, Favour::Throughput);
        let translator = Translator {
            searcher: &searcher,
            source: self.source,
            target: self.target,
            search: SearchConfig {
                method: Method::Beam,
                beam: 1,
                ..self.config.search.clone()
            },
            batch_size: self.config.valid.batch_size,
            pad_multiple: self.pad_multiple,
            tokenize: self.config.valid.tokenize(),
        };
        Ok(translator.texts_of(self.corpus, count, None)?)
    }

    /// Some translations to look at: `count` pairs spread over the set.
    pub(super) fn samples(&self, model: &Seq2Seq) -> Result<Vec<Sample>, RunError> {
        let count = self.config.valid.samples.min(self.corpus.pairs.len());
        let found = self.translate(&model.valid(), count)?;
        Ok(self.sample(found.texts, count))
    }

    fn sample(&self, hypotheses: Vec<String>, count: usize) -> Vec<Sample> {
        let of_pair = |(pair, hypothesis): (&Pair, String)| Sample {
            source: pair.source.clone(),
            reference: pair.target.clone(),
            hypothesis,
        };
        let pairs = self.corpus.pairs.iter();
        pairs.zip(hypotheses).take(count).map(of_pair).collect()
    }

    /// Loss and scores after update `step`, and some translations.
    pub(super) fn run(
        &self,
        model: &Seq2Seq,
        step: u64,
    ) -> Result<(Validation, Vec<Sample>), RunError> {
        let model = model.valid();
        let loss = self.loss(&model);
        let count = match self.config.valid.max_sentences {
            0 => self.corpus.pairs.len(),
            most => most.min(self.corpus.pairs.len()),
        };
        let pairs = &self.corpus.pairs[..count];
        let Texts {
            texts: hypotheses,
            cut,
        } = self.translate(&model, count)?;
        let references: Vec<String> = pairs.iter().map(|pair| pair.target.clone()).collect();
        let sources: Vec<&str> = pairs.iter().map(|pair| pair.source.as_str()).collect();
        let tokenize = self.config.valid.tokenize();
        let scores = Scores::new(&sources, &hypotheses, &references, tokenize)?;
        let samples = self.sample(hypotheses, self.config.valid.samples);
        let validation = Validation {
            step,
            loss,
            perplexity: loss.exp(),
            bleu: scores.bleu,
            chrf: scores.chrf,
            exact: scores.right(),
            cut: cut.len(),
        };
        Ok((validation, samples))
    }
}
