//! chrF (Popović 2015) and chrF++ (Popović 2017) as sacreBLEU computes them: white space removed,
//! averaged over the orders that both sides have (no epsilon smoothing).

mod score;
mod statistics;
mod words;

pub use score::ChrfScore;
use statistics::{Line, Statistics};

use crate::ngram::{CharacterNgrams, WordNgrams};
use crate::signature::{self, ReferenceCount};
use crate::vocabulary::Vocabulary;
use crate::whitespace::is_whitespace;
use crate::{MetricError, corpus};

/// The longest character n-grams that count.
pub const CHARACTER_ORDER: usize = 6;

/// How many times as much recall counts as precision.
pub const BETA: u32 = 2;

/// The settings of a chrF score: [`Chrf::new`] is chrF, [`Chrf::plus_plus`] is chrF++.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Chrf {
    count_words: bool,
    lowercase: bool,
}

impl Chrf {
    /// chrF: character n-grams up to 6.
    pub fn new() -> Self {
        Self::default()
    }

    /// chrF++: character n-grams up to 6, and words and pairs of words.
    pub fn plus_plus() -> Self {
        Self {
            count_words: true,
            ..Self::default()
        }
    }

    /// Whether both sides are lowercased first.
    pub fn with_lowercase(self, lowercase: bool) -> Self {
        Self { lowercase, ..self }
    }

    /// Scores a corpus with one reference a hypothesis.
    ///
    /// # Errors
    /// When the two sides differ in length or are empty.
    pub fn corpus<H: AsRef<str>, R: AsRef<str>>(
        &self,
        hypotheses: &[H],
        references: &[R],
    ) -> Result<ChrfScore, MetricError> {
        corpus::check(hypotheses.len(), references.len())?;
        let mut counter = Counter::new(self);
        for (hypothesis, reference) in hypotheses.iter().zip(references) {
            counter.add(hypothesis.as_ref(), [reference.as_ref()].into_iter());
        }
        Ok(self.score(&counter.statistics, ReferenceCount::Same(1)))
    }

    /// Scores a corpus with several references a hypothesis: `references[i]` lists those of
    /// `hypotheses[i]`, of which the one with the best score counts; their number may vary.
    ///
    /// # Errors
    /// When the two sides differ in length or are empty, or a hypothesis has no reference.
    pub fn corpus_multi_reference<H: AsRef<str>, L: AsRef<[R]>, R: AsRef<str>>(
        &self,
        hypotheses: &[H],
        references: &[L],
    ) -> Result<ChrfScore, MetricError> {
        corpus::check(hypotheses.len(), references.len())?;
        let mut counter = Counter::new(self);
        for (index, (hypothesis, references)) in hypotheses.iter().zip(references).enumerate() {
            let references = references.as_ref();
            if references.is_empty() {
                return Err(MetricError::NoReference { line: index + 1 });
            }
            counter.add(hypothesis.as_ref(), references.iter().map(AsRef::as_ref));
        }
        let count = ReferenceCount::of(references.iter().map(|list| list.as_ref().len()));
        Ok(self.score(&counter.statistics, count))
    }

    /// Scores one sentence against its references, of which the one with the best score counts.
    ///
    /// # Errors
    /// When there is no reference.
    pub fn sentence<R: AsRef<str>>(
        &self,
        hypothesis: &str,
        references: &[R],
    ) -> Result<ChrfScore, MetricError> {
        self.corpus_multi_reference(&[hypothesis], &[references])
    }

    /// Every setting in sacreBLEU's form, for one reference a hypothesis, such as
    /// `nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:attune-0.1.0`.
    pub fn signature(&self) -> String {
        self.signature_of(ReferenceCount::Same(1))
    }

    fn signature_of(&self, references: ReferenceCount) -> String {
        let (case, version) = (signature::case(self.lowercase), signature::VERSION);
        let word_order = self.word_order();
        format!(
            "{references}|{case}|eff:yes|nc:{CHARACTER_ORDER}|nw:{word_order}|space:no\
             |version:{version}"
        )
    }

    fn word_order(&self) -> usize {
        if self.count_words { 2 } else { 0 }
    }

    fn score(&self, statistics: &Statistics, references: ReferenceCount) -> ChrfScore {
        ChrfScore {
            score: statistics.f_score(BETA),
            character_order: CHARACTER_ORDER,
            word_order: self.word_order(),
            beta: BETA,
            signature: self.signature_of(references),
        }
    }
}

/// Adds up the counts of a corpus, sentence by sentence.
struct Counter<'a> {
    settings: &'a Chrf,
    vocabulary: Vocabulary,
    statistics: Statistics,
}

impl<'a> Counter<'a> {
    fn new(settings: &'a Chrf) -> Self {
        Self {
            settings,
            vocabulary: Vocabulary::default(),
            statistics: Statistics::default(),
        }
    }

    /// Adds the counts against the reference with the best score, the first of equals.
    fn add<'b>(&mut self, hypothesis: &str, references: impl Iterator<Item = &'b str>) {
        let hypothesis = self.line(hypothesis);
        let mut best: Option<(f64, Statistics)> = None;
        for reference in references {
            let statistics = Statistics::of(&hypothesis, &self.line(reference));
            let score = statistics.f_score(BETA);
            if best.is_none_or(|(highest, _)| score > highest) {
                best = Some((score, statistics));
            }
        }
        if let Some((_, statistics)) = best {
            self.statistics += statistics;
        }
    }

    fn line(&mut self, line: &str) -> Line {
        let lowercased;
        let line = if self.settings.lowercase {
            lowercased = line.to_lowercase();
            &lowercased
        } else {
            line
        };
        let characters: Vec<u32> = line
            .chars()
            .filter(|&character| !is_whitespace(character))
            .map(|character| u32::from(character) + 1)
            .collect();
        let words: Vec<u32> = if self.settings.count_words {
            words::words(line)
                .map(|word| self.vocabulary.number(word))
                .collect()
        } else {
            Vec::new()
        };
        Line {
            characters: CharacterNgrams::new(&characters),
            words: WordNgrams::new(&words),
        }
    }
}

#[cfg(test)]
mod tests;
