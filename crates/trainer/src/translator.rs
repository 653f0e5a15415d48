//! From text to text with a trained model.

use data::batching::{Dataset, Padded as HostPadded, restore_order, sequential};
use data::corpus::Pair;
use data::special::{END, PAD, START, UNK};
use data::tokenizer::Tokenizer;
use metrics::bleu::Tokenize;
use model::search::Searcher;
use model::{Hypothesis, Marks, Padded, SearchConfig};

use crate::error::RunError;
use crate::scores::Scores;

/// The special marks, as `data` numbers them.
pub const MARKS: Marks = Marks {
    pad: PAD,
    unknown: UNK,
    start: START,
    end: END,
};

/// A source longer than this many tokens is cut: no model learns from such, and one line must not
/// take all memory.
pub const MAX_SOURCE: usize = 1000;

/// That `cut` sources have more than `longest` tokens, if any have.
pub fn cut_notice(cut: usize, longest: usize) -> Option<String> {
    let have = if cut == 1 {
        "source has"
    } else {
        "sources have"
    };
    (cut > 0).then(|| {
        format!("{cut} {have} more than {longest} tokens: the model does not see what is beyond")
    })
}

/// Sees a batch as the model does.
pub fn padded(batch: &HostPadded) -> Padded<'_> {
    Padded {
        ids: &batch.ids,
        lengths: &batch.lengths,
        time: batch.time,
    }
}

/// Translates with one model.
#[derive(Debug)]
pub struct Translator<'a> {
    /// The model, ready to search.
    pub searcher: Searcher,
    /// Cuts sources.
    pub source: &'a Tokenizer,
    /// Joins targets.
    pub target: &'a Tokenizer,
    /// How to search; a beam of one is greedy search.
    pub search: SearchConfig,
    /// Sentences side by side.
    pub batch_size: usize,
    /// Lengths are padded up to a multiple of this.
    pub pad_multiple: usize,
}

/// One translation of one sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    /// The text.
    pub text: String,
    /// What search found.
    pub hypothesis: Hypothesis,
}

/// A sentence on the way into the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The tokens, end mark included.
    pub tokens: Vec<String>,
    /// Words that the vocabulary lacks.
    pub unknown: Vec<String>,
    /// How many tokens were cut off.
    pub cut: usize,
}

impl Translator<'_> {
    /// Most source tokens; more are cut off.
    pub fn longest(&self) -> usize {
        let longest = self.searcher.longest_source();
        longest.unwrap_or(MAX_SOURCE).min(MAX_SOURCE)
    }

    /// What the user should know before `pairs` are translated: that some sources will be cut.
    ///
    /// # Errors
    /// When the tokenizer fails.
    pub fn notice(&self, pairs: &[Pair]) -> Result<Option<String>, RunError> {
        let sources = pairs.iter().map(|pair| pair.source.as_str());
        let mut dataset = Dataset::sources(sources, self.source)?;
        let longest = self.longest();
        Ok(cut_notice(dataset.cut_sources(longest), longest))
    }

    /// What the model will see of a sentence.
    ///
    /// # Errors
    /// When the tokenizer fails.
    pub fn prepare(&self, sentence: &str) -> Result<Prepared, RunError> {
        let encoding = self.source.encode(sentence)?;
        let kept = encoding.tokens.len().min(self.longest());
        let mut tokens = encoding.tokens[..kept].to_vec();
        tokens.push(data::special::MARKS[END as usize].to_owned());
        Ok(Prepared {
            tokens,
            unknown: encoding.unknown,
            cut: encoding.ids.len() - kept,
        })
    }

    /// The `n_best` best translations of each sentence, best first. A sentence without words has
    /// an empty translation.
    ///
    /// # Errors
    /// When a tokenizer fails.
    pub fn translate(
        &self,
        sentences: &[&str],
        n_best: usize,
        attention: bool,
    ) -> Result<Vec<Vec<Translation>>, RunError> {
        let mut dataset = Dataset::sources(sentences.iter().copied(), self.source)?;
        dataset.cut_sources(self.longest());
        let mut found = Vec::with_capacity(sentences.len());
        self.searcher.awake(|| {
            for places in sequential(&dataset, self.batch_size) {
                let batch = dataset.batch(&places, self.pad_multiple);
                let source = padded(&batch.source);
                let hypotheses =
                    self.searcher
                        .search(source, &self.search, &MARKS, n_best, attention);
                found.extend(batch.indices.into_iter().zip(hypotheses));
            }
        });
        restore_order(found)
            .into_iter()
            .zip(&dataset.examples)
            .map(|(hypotheses, example)| {
                let empty = example.source.len() <= 1;
                let text = |hypothesis: Hypothesis| {
                    let text = match empty {
                        true => String::new(),
                        false => self.target.decode(&hypothesis.tokens)?,
                    };
                    Ok(Translation { text, hypothesis })
                };
                hypotheses.into_iter().map(text).collect()
            })
            .collect()
    }

    /// The best translation of each sentence as text.
    ///
    /// # Errors
    /// When a tokenizer fails.
    pub fn texts(&self, sentences: &[&str]) -> Result<Vec<String>, RunError> {
        let found = self.translate(sentences, 1, false)?;
        let best = |found: Vec<Translation>| found.into_iter().next().map(|best| best.text);
        Ok(found
            .into_iter()
            .map(|found| best(found).unwrap_or_default())
            .collect())
    }

    /// Translates the sources of `pairs` and scores the translations against their targets.
    ///
    /// # Errors
    /// When a tokenizer fails, or there are no pairs.
    pub fn evaluate(&self, pairs: &[Pair], tokenize: Tokenize) -> Result<Scores, RunError> {
        let sources: Vec<&str> = pairs.iter().map(|pair| pair.source.as_str()).collect();
        let references: Vec<String> = pairs.iter().map(|pair| pair.target.clone()).collect();
        Scores::new(&sources, &self.texts(&sources)?, &references, tokenize)
    }
}
