//! From text to text with a trained model.

use data::batching::{
    Batch, Dataset, Padded as HostPadded, Pictures, Source, Sources, restore_order, sequential,
};
use data::corpus::Corpus;
use data::image::Names;
use data::special::{END, PAD, START, UNK};
use data::tokenizer::Tokenizer;
use metrics::bleu::Tokenize;
use network::{Images, Input, Padded, Pairs};
use search::{Constraints, Method, Searcher, Task};
use search::{Hypothesis, Marks, SearchConfig};

use crate::error::RuntimeError;
use crate::expected_utility::by_expected_utility;
use crate::reader::Reader;
use crate::replacement::{Replacement, Words};
use crate::scores::Scores;

/// The special marks, as `data` numbers them.
pub const MARKS: Marks = Marks {
    pad: PAD,
    unknown: UNK,
    start: START,
    end: END,
};

/// Hypotheses that are searched side by side at the most, so that a wide beam does not take all memory.
const MOST_ROWS: usize = 4096;

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

/// That `cut` translations have been cut where they were.
pub fn cut_at_limit(cut: usize) -> String {
    let (translations, were) = match cut {
        1 => ("translation", "was"),
        _ => ("translations", "were"),
    };
    format!(
        "{cut} {translations} did not end and {were} cut at the limit of `search.max_length`, `max_length_ratio` and \
         `max_length_margin`"
    )
}

/// That images of `dataset` are wider than `reader` reads them, if any are.
pub fn narrowed_notice(reader: &Reader, dataset: &Dataset) -> Option<String> {
    let is_cut = |source: &Source| matches!(source, Source::Picture(picture) if picture.cut > 0);
    let sources = dataset.examples.iter().map(|example| &example.source);
    let cut = sources.filter(|source| is_cut(source)).count();
    let most = reader.images().filter(|_| cut > 0)?.max_width;
    let are = if cut == 1 { "image is" } else { "images are" };
    Some(format!(
        "{cut} {are} wider than {most} columns: the model does not see what is beyond"
    ))
}

/// Sees a batch as the model does.
fn padded(batch: &HostPadded) -> Padded<'_> {
    Padded {
        ids: &batch.ids,
        lengths: &batch.lengths,
        time: batch.time,
    }
}

/// Sees the sources of a batch as the model does.
pub fn input(sources: &Sources) -> Input<'_> {
    match sources {
        Sources::Words(words) => padded(words).into(),
        Sources::Pictures(Pictures {
            pixels,
            widths,
            channels,
            height,
            width,
        }) => Input::Images(Images {
            pixels,
            widths,
            channels: *channels,
            height: *height,
            width: *width,
        }),
    }
}

/// Sees a batch of pairs as the model does.
pub fn pairs(batch: &Batch) -> Pairs<'_> {
    Pairs {
        source: input(&batch.source),
        input: padded(&batch.target_input),
        output: padded(&batch.target_output),
    }
}

/// Translates with one model, or several together.
#[derive(Debug)]
pub struct Translator<'a> {
    /// The models, ready to search.
    pub searcher: &'a Searcher,
    /// Reads sources.
    pub source: &'a Reader,
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

/// Who is shown how far the work is.
pub trait Progress: std::fmt::Debug + Sync {
    /// So many sentences are done.
    fn counted(&self, done: u64);
}

/// Request for translations.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// How many of each sentence.
    pub n_best: usize,
    /// Whether attention is wanted.
    pub attention: bool,
    /// The number of the first sentence in the whole input; samples depend on it.
    pub first: usize,
    /// Each sentence's line, for messages; empty where a line is a sentence.
    pub lines: &'a [usize],
    /// Constraints of each sentence; empty for none.
    pub constraints: &'a [Constraints],
    /// Replacement of unknown words, if any.
    pub replacement: Option<&'a Replacement>,
    /// Who is shown how many sentences are done.
    pub progress: Option<&'a dyn Progress>,
}

impl Default for Request<'_> {
    fn default() -> Self {
        Self {
            n_best: 1,
            attention: false,
            first: 0,
            lines: &[],
            constraints: &[],
            replacement: None,
            progress: None,
        }
    }
}

/// One translation of one sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    /// The text.
    pub text: String,
    /// Hypothesis that the search found.
    pub hypothesis: Hypothesis,
}

impl Translation {
    /// The only translation of a blank line: nothing, for certain.
    fn nothing(mut hypothesis: Hypothesis) -> Self {
        hypothesis.tokens = vec![END];
        hypothesis.attention.truncate(1);
        (hypothesis.log_probability, hypothesis.score) = (0.0, 0.0);
        Self {
            text: String::new(),
            hypothesis,
        }
    }

    /// Whether the search did not find the end and was cut at its limit.
    pub fn is_cut(&self) -> bool {
        self.hypothesis
            .tokens
            .last()
            .is_some_and(|&last| last != END)
    }
}

/// The best translation of each of some sentences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// As text; empty where there is none.
    pub texts: Vec<String>,
    /// The places of those that were cut at the length limit.
    pub cut: Vec<usize>,
}

/// A sentence on the way into the model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
        let most = self.search.max_source_length;
        self.searcher
            .longest_source()
            .map_or(most, |longest| longest.min(most))
    }

    /// Returns a notice for the user before a corpus is translated: that some sources will be cut.
    ///
    /// # Errors
    /// When the tokenizer fails.
    pub fn notice(&self, corpus: &Corpus) -> Result<Option<String>, RuntimeError> {
        let mut dataset = self.source.sources(corpus, corpus.pairs.len())?;
        let longest = self.longest();
        let cut = cut_notice(dataset.cut_sources(longest), longest);
        Ok(cut.or_else(|| narrowed_notice(self.source, &dataset)))
    }

    /// Returns a sentence as the model will see it; of an image there is nothing to say.
    ///
    /// # Errors
    /// When the tokenizer fails.
    pub fn prepare(&self, sentence: &str) -> Result<Prepared, RuntimeError> {
        let Reader::Words(tokenizer) = self.source else {
            return Ok(Prepared::default());
        };
        let encoding = tokenizer.encode(sentence)?;
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

    /// Translations of each sentence as `request` wants them, best first; samples as they are drawn. A model of images
    /// takes the names of images for sentences, which start at the folder the command is run in. A sentence without words has an empty translation. A sentence has fewer than are wanted, perhaps none, where its constraints
    /// leave no more, or fewer different ones are drawn for minimum Bayes risk.
    ///
    /// # Errors
    /// When a tokenizer fails or an image cannot be read, and those of [`Searcher::search`].
    pub fn translate(
        &self,
        sentences: &[&str],
        request: &Request<'_>,
    ) -> Result<Vec<Vec<Translation>>, RuntimeError> {
        let here = Names {
            list: "standard input".into(),
            folder: "".into(),
        };
        let mut dataset = self.source.lines(sentences, request.first, &here)?;
        self.translate_all(sentences, &mut dataset, request)
    }

    /// [`Self::translate`] of sentences that have been read, and are cut where they are too long.
    ///
    /// # Errors
    /// Those of [`Self::translate`].
    pub fn translate_all(
        &self,
        sentences: &[&str],
        dataset: &mut Dataset,
        request: &Request<'_>,
    ) -> Result<Vec<Vec<Translation>>, RuntimeError> {
        dataset.cut_sources(self.longest());
        let found = self.hypotheses(dataset, request)?;
        let mut all = Vec::with_capacity(sentences.len());
        for (index, hypotheses) in found.into_iter().enumerate() {
            let empty = match &dataset.examples[index].source {
                Source::Words(ids) => ids.len() <= 1,
                Source::Picture(_) => sentences[index].is_empty(),
            };
            if empty {
                let nothing = hypotheses.into_iter().take(1).map(Translation::nothing);
                all.push(nothing.collect());
                continue;
            }
            let mut translations = Vec::with_capacity(hypotheses.len());
            for hypothesis in hypotheses {
                let text = self.text(&hypothesis, sentences[index], request.replacement)?;
                translations.push(Translation { text, hypothesis });
            }
            if self.search.method == Method::Mbr {
                let utility = self.search.utility();
                translations = by_expected_utility(translations, utility, self.tokenize)?;
                translations.truncate(request.n_best.max(1));
            }
            all.push(translations);
        }
        Ok(all)
    }

    /// Searches for hypotheses of each sentence of `dataset`, in its order.
    fn hypotheses(
        &self,
        dataset: &Dataset,
        request: &Request<'_>,
    ) -> Result<Vec<Vec<Hypothesis>>, RuntimeError> {
        let mut found = Vec::with_capacity(dataset.examples.len());
        // An exhaustive search may fail for one sentence, and takes one after another anyway.
        let alone = self.search.method == Method::Exhaustive;
        let unwritable = self.target.unwritable()?;
        let rows = self.search.beam.max(request.n_best).max(1);
        let batch_size = match alone {
            true => 1,
            false => self.batch_size.min(MOST_ROWS / rows).max(1),
        };
        self.searcher.awake(|| {
            for places in sequential(dataset, batch_size) {
                let batch = dataset.batch(&places, self.pad_multiple);
                let indices = batch.indices.iter();
                let numbers: Vec<usize> =
                    indices.clone().map(|index| request.first + index).collect();
                let constraints: Vec<Constraints> = indices
                    .filter_map(|&index| request.constraints.get(index).cloned())
                    .collect();
                let task = Task {
                    n_best: request.n_best,
                    attention: request.attention || request.replacement.is_some(),
                    numbers: &numbers,
                    constraints: &constraints,
                    unwritable: &unwritable,
                    ..Task::new(&self.search, &MARKS)
                };
                let hypotheses = self.searcher.search(input(&batch.source), &task);
                let hypotheses = hypotheses.map_err(|cause| match batch.indices[..] {
                    [index] if alone => RuntimeError::Sentence {
                        line: *request
                            .lines
                            .get(index)
                            .unwrap_or(&(request.first + index + 1)),
                        cause,
                    },
                    _ => cause.into(),
                })?;
                found.extend(batch.indices.into_iter().zip(hypotheses));
                if let Some(progress) = request.progress {
                    progress.counted(found.len() as u64);
                }
            }
            Ok::<(), RuntimeError>(())
        })?;
        Ok(restore_order(found))
    }

    /// The text of a translation of `sentence`.
    fn text(
        &self,
        hypothesis: &Hypothesis,
        sentence: &str,
        replacement: Option<&Replacement>,
    ) -> Result<String, RuntimeError> {
        let Some(replacement) = replacement.filter(|_| hypothesis.tokens.contains(&UNK)) else {
            return Ok(self.target.decode(&hypothesis.tokens)?);
        };
        let prepared = self.prepare(sentence)?;
        let words = Words::new(sentence, &prepared.offsets)?;
        let of_place = |place: usize| replacement.of(&words, hypothesis.attention.get(place)?);
        Ok(self.target.decode_with(&hypothesis.tokens, of_place)?)
    }

    /// The best translation of each sentence as text.
    ///
    /// # Errors
    /// Those of [`Self::translate`].
    pub fn texts(&self, sentences: &[&str]) -> Result<Vec<String>, RuntimeError> {
        Ok(best_texts(self.translate(sentences, &Request::default())?).texts)
    }

    /// The best translation of each of the first `count` sources of a corpus as text.
    ///
    /// # Errors
    /// Those of [`Self::translate`].
    pub fn texts_of(
        &self,
        corpus: &Corpus,
        count: usize,
        progress: Option<&dyn Progress>,
    ) -> Result<Texts, RuntimeError> {
        let sources: Vec<&str> = corpus
            .pairs
            .iter()
            .map(|pair| pair.source.as_str())
            .collect();
        let count = count.min(sources.len());
        let mut dataset = self.source.sources(corpus, count)?;
        let request = Request {
            lines: &corpus.lines,
            progress,
            ..Request::default()
        };
        let found = self.translate_all(&sources[..count], &mut dataset, &request)?;
        Ok(best_texts(found))
    }

    /// Translates the sources of a corpus and scores the translations against its targets; gives both.
    ///
    /// # Errors
    /// Those of [`Self::translate`], or when there are no pairs.
    pub fn evaluate(
        &self,
        corpus: &Corpus,
        progress: Option<&dyn Progress>,
    ) -> Result<(Scores, Vec<String>), RuntimeError> {
        let pairs = &corpus.pairs;
        let sources: Vec<&str> = pairs.iter().map(|pair| pair.source.as_str()).collect();
        let references: Vec<String> = pairs.iter().map(|pair| pair.target.clone()).collect();
        let Texts { texts, cut } = self.texts_of(corpus, pairs.len(), progress)?;
        let scores = Scores::new(&sources, &texts, &references, self.tokenize)?;
        let scores = scores.in_full(&texts, &references)?;
        let scores = Scores {
            cut: cut.len(),
            ..scores
        };
        Ok((scores, texts))
    }
}

/// Of each sentence the best translation; nothing where there is none.
fn best_texts(found: Vec<Vec<Translation>>) -> Texts {
    let mut best = Texts::default();
    for (place, found) in found.into_iter().enumerate() {
        let first = found.into_iter().next();
        if first.as_ref().is_some_and(Translation::is_cut) {
            best.cut.push(place);
        }
        best.texts
            .push(first.map(|first| first.text).unwrap_or_default());
    }
    best
}
