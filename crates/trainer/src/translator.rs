//! From text to text with a trained model.

use data::batching::{Dataset, Padded as HostPadded, restore_order, sequential};
use data::corpus::Pair;
use data::special::{END, PAD, START, UNK};
use data::tokenizer::Tokenizer;
use metrics::bleu::Tokenize;
use model::search::{Constraints, Method, Searcher, Task};
use model::{Hypothesis, Marks, Padded, SearchConfig};

use crate::error::RunError;
use crate::replacement::Replacement;
use crate::risk::by_expected_utility;
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

/// Translates with one model, or several together.
#[derive(Debug)]
pub struct Translator<'a> {
    /// The models, ready to search.
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
    /// How BLEU cuts words, for scores and for minimum Bayes risk.
    pub tokenize: Tokenize,
}

/// What is wanted of translations.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// How many of each sentence.
    pub n_best: usize,
    /// Whether attention is wanted.
    pub attention: bool,
    /// The number of the first sentence in the whole input; samples depend on it.
    pub first: usize,
    /// What each sentence has to keep to; empty for nothing.
    pub constraints: &'a [Constraints],
    /// What stands for unknown words, if anything does.
    pub replacement: Option<&'a Replacement>,
}

impl Default for Wish<'_> {
    fn default() -> Self {
        Self {
            n_best: 1,
            attention: false,
            first: 0,
            constraints: &[],
            replacement: None,
        }
    }
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
    /// For each token but the end mark the bytes of the sentence that it stands for.
    pub offsets: Vec<(usize, usize)>,
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
            offsets: encoding.offsets[..kept].to_vec(),
            unknown: encoding.unknown,
            cut: encoding.ids.len() - kept,
        })
    }

    /// Translations of each sentence as `wish` wants them, best first; samples as they are drawn. A sentence without
    /// words has an empty translation. A sentence has fewer than are wanted, perhaps none, where its constraints
    /// leave no more, or fewer different ones are drawn for minimum Bayes risk.
    ///
    /// # Errors
    /// When a tokenizer fails, and those of [`Searcher::search`].
    pub fn translate(
        &self,
        sentences: &[&str],
        wish: &Wish<'_>,
    ) -> Result<Vec<Vec<Translation>>, RunError> {
        let mut dataset = Dataset::sources(sentences.iter().copied(), self.source)?;
        dataset.cut_sources(self.longest());
        let found = self.hypotheses(&dataset, wish)?;
        let mut all = Vec::with_capacity(sentences.len());
        for (index, hypotheses) in found.into_iter().enumerate() {
            let empty = dataset.examples[index].source.len() <= 1;
            let mut translations = Vec::with_capacity(hypotheses.len());
            for hypothesis in hypotheses {
                let text = match empty {
                    true => String::new(),
                    false => self.text(&hypothesis, sentences[index], wish.replacement)?,
                };
                translations.push(Translation { text, hypothesis });
            }
            if self.search.method == Method::Mbr {
                let utility = self.search.utility();
                translations = by_expected_utility(translations, utility, self.tokenize)?;
                translations.truncate(wish.n_best.max(1));
            }
            all.push(translations);
        }
        Ok(all)
    }

    /// What search finds for each sentence of `dataset`, in its order.
    fn hypotheses(
        &self,
        dataset: &Dataset,
        wish: &Wish<'_>,
    ) -> Result<Vec<Vec<Hypothesis>>, RunError> {
        let mut found = Vec::with_capacity(dataset.examples.len());
        self.searcher.awake(|| {
            for places in sequential(dataset, self.batch_size) {
                let batch = dataset.batch(&places, self.pad_multiple);
                let indices = batch.indices.iter();
                let numbers: Vec<usize> = indices.clone().map(|index| wish.first + index).collect();
                let constraints: Vec<Constraints> = indices
                    .filter_map(|&index| wish.constraints.get(index).cloned())
                    .collect();
                let task = Task {
                    n_best: wish.n_best,
                    attention: wish.attention || wish.replacement.is_some(),
                    numbers: &numbers,
                    constraints: &constraints,
                    ..Task::new(&self.search, &MARKS)
                };
                let hypotheses = self.searcher.search(padded(&batch.source), &task)?;
                found.extend(batch.indices.into_iter().zip(hypotheses));
            }
            Ok::<(), RunError>(())
        })?;
        Ok(restore_order(found))
    }

    /// The text of a translation of `sentence`.
    fn text(
        &self,
        hypothesis: &Hypothesis,
        sentence: &str,
        replacement: Option<&Replacement>,
    ) -> Result<String, RunError> {
        let Some(replacement) = replacement.filter(|_| hypothesis.tokens.contains(&UNK)) else {
            return Ok(self.target.decode(&hypothesis.tokens)?);
        };
        let prepared = self.prepare(sentence)?;
        let words: Vec<&str> = prepared
            .offsets
            .iter()
            .map(|&(start, end)| sentence.get(start..end).unwrap_or_default())
            .collect();
        let of_place = |place: usize| replacement.of(&words, hypothesis.attention.get(place)?);
        Ok(self.target.decode_with(&hypothesis.tokens, of_place)?)
    }

    /// The best translation of each sentence as text.
    ///
    /// # Errors
    /// Those of [`Self::translate`].
    pub fn texts(&self, sentences: &[&str]) -> Result<Vec<String>, RunError> {
        let found = self.translate(sentences, &Wish::default())?;
        let best = |found: Vec<Translation>| found.into_iter().next().map(|best| best.text);
        Ok(found
            .into_iter()
            .map(|found| best(found).unwrap_or_default())
            .collect())
    }

    /// Translates the sources of `pairs` and scores the translations against their targets.
    ///
    /// # Errors
    /// Those of [`Self::translate`], or when there are no pairs.
    pub fn evaluate(&self, pairs: &[Pair]) -> Result<Scores, RunError> {
        let sources: Vec<&str> = pairs.iter().map(|pair| pair.source.as_str()).collect();
        let references: Vec<String> = pairs.iter().map(|pair| pair.target.clone()).collect();
        Scores::new(&sources, &self.texts(&sources)?, &references, self.tokenize)
    }
}
