//! BLEU (Papineni et al. 2002) with sacreBLEU's tokenizers, smoothing and signatures.

mod score;
mod smoothing;
mod statistics;
mod tokenize;

pub use score::BleuScore;
pub use smoothing::Smoothing;
use statistics::Statistics;
pub use tokenize::Tokenize;

use crate::ngram::WordNgrams;
use crate::signature::{self, ReferenceCount};
use crate::vocabulary::Vocabulary;
use crate::whitespace::split;
use crate::{MetricError, corpus};

/// The longest n-grams that count.
pub const MAX_ORDER: usize = 4;

/// The settings of a BLEU score. [`Bleu::new`] gives sacreBLEU's defaults: case counts, `exp`
/// smoothing, four orders always.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bleu {
    tokenize: Tokenize,
    lowercase: bool,
    smoothing: Smoothing,
    value: Option<f64>,
    effective_order: bool,
}

impl Bleu {
    /// BLEU over the tokens of this tokenizer.
    pub fn new(tokenize: Tokenize) -> Self {
        Self {
            tokenize,
            lowercase: false,
            smoothing: Smoothing::default(),
            value: None,
            effective_order: false,
        }
    }

    /// Whether both sides are lowercased first.
    pub fn with_lowercase(self, lowercase: bool) -> Self {
        Self { lowercase, ..self }
    }

    /// Chooses the smoothing, with its default value.
    pub fn with_smoothing(self, smoothing: Smoothing) -> Self {
        Self {
            smoothing,
            value: None,
            ..self
        }
    }

    /// Replaces the default value of `floor` or `add-k` smoothing; the other methods ignore it.
    ///
    /// # Errors
    /// When the value is not a finite number above 0.
    pub fn with_smoothing_value(self, value: f64) -> Result<Self, MetricError> {
        if value.is_finite() && value > 0.0 {
            Ok(Self {
                value: Some(value),
                ..self
            })
        } else {
            Err(MetricError::SmoothingValue { value })
        }
    }

    /// Whether orders longer than every hypothesis are left out. Sentence scores always do so.
    pub fn with_effective_order(self, effective_order: bool) -> Self {
        Self {
            effective_order,
            ..self
        }
    }

    /// Scores a corpus with one reference a hypothesis.
    ///
    /// # Errors
    /// When the two sides differ in length or are empty.
    pub fn corpus<H: AsRef<str>, R: AsRef<str>>(
        &self,
        hypotheses: &[H],
        references: &[R],
    ) -> Result<BleuScore, MetricError> {
        corpus::check(hypotheses.len(), references.len())?;
        let mut counter = Counter::new(self);
        for (hypothesis, reference) in hypotheses.iter().zip(references) {
            counter.add(hypothesis.as_ref(), &[reference.as_ref()]);
        }
        Ok(BleuScore::new(&counter.statistics, self, self.signature()))
    }

    /// Scores a corpus with several references a hypothesis: `references[i]` lists those of
    /// `hypotheses[i]`, and their number may vary.
    ///
    /// # Errors
    /// When the two sides differ in length or are empty, or a hypothesis has no reference.
    pub fn corpus_multi_reference<H: AsRef<str>, L: AsRef<[R]>, R: AsRef<str>>(
        &self,
        hypotheses: &[H],
        references: &[L],
    ) -> Result<BleuScore, MetricError> {
        corpus::check(hypotheses.len(), references.len())?;
        let mut counter = Counter::new(self);
        for (index, (hypothesis, references)) in hypotheses.iter().zip(references).enumerate() {
            let references: Vec<&str> = references.as_ref().iter().map(AsRef::as_ref).collect();
            if references.is_empty() {
                return Err(MetricError::NoReference { line: index + 1 });
            }
            counter.add(hypothesis.as_ref(), &references);
        }
        let count = ReferenceCount::of(references.iter().map(|list| list.as_ref().len()));
        Ok(BleuScore::new(
            &counter.statistics,
            self,
            self.signature_of(count),
        ))
    }

    /// Scores one sentence against its references, with effective order: orders for which the
    /// sentence is too short are left out.
    ///
    /// # Errors
    /// When there is no reference.
    pub fn sentence<R: AsRef<str>>(
        &self,
        hypothesis: &str,
        references: &[R],
    ) -> Result<BleuScore, MetricError> {
        self.with_effective_order(true)
            .corpus_multi_reference(&[hypothesis], &[references])
    }

    /// Every setting in sacreBLEU's form, for one reference a hypothesis, such as
    /// `nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:attune-0.1.0`.
    pub fn signature(&self) -> String {
        self.signature_of(ReferenceCount::Same(1))
    }

    fn signature_of(&self, references: ReferenceCount) -> String {
        let case = signature::case(self.lowercase);
        let effective_order = if self.effective_order { "yes" } else { "no" };
        let (tokenize, smoothing, version) = (self.tokenize, self.smoothing, signature::VERSION);
        let value = match smoothing.default_value() {
            Some(_) => format!("[{:.2}]", self.smoothing_value()),
            None => String::new(),
        };
        format!(
            "{references}|{case}|eff:{effective_order}|tok:{tokenize}|smooth:{smoothing}{value}\
             |version:{version}"
        )
    }

    /// The value of the smoothing in use; 0 for methods that take none.
    fn smoothing_value(&self) -> f64 {
        let default = self.smoothing.default_value();
        default.map_or(0.0, |default| self.value.unwrap_or(default))
    }
}

/// Adds up the counts of a corpus, sentence by sentence.
struct Counter<'a> {
    settings: &'a Bleu,
    vocabulary: Vocabulary,
    statistics: Statistics,
}

impl<'a> Counter<'a> {
    fn new(settings: &'a Bleu) -> Self {
        Self {
            settings,
            vocabulary: Vocabulary::default(),
            statistics: Statistics::default(),
        }
    }

    fn add(&mut self, hypothesis: &str, references: &[&str]) {
        let hypothesis = self.ngrams(hypothesis);
        let references: Vec<_> = references
            .iter()
            .map(|reference| self.ngrams(reference))
            .collect();
        self.statistics += Statistics::of(&hypothesis, &references);
    }

    fn ngrams(&mut self, line: &str) -> WordNgrams {
        let lowercased;
        let line = if self.settings.lowercase {
            lowercased = line.to_lowercase();
            &lowercased
        } else {
            line
        };
        let separated = self.settings.tokenize.separate(line);
        let numbers: Vec<u32> = split(&separated)
            .map(|token| self.vocabulary.number(token))
            .collect();
        WordNgrams::new(&numbers)
    }
}

#[cfg(test)]
mod tests;
