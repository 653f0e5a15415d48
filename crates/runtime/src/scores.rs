//! How good translations are.

use metrics::bleu::{Bleu, Tokenize};
use metrics::chrf::Chrf;
use metrics::{SymbolErrors, WordErrors, exact_match};
use serde::{Deserialize, Serialize};

use crate::error::RuntimeError;

/// Scores of a set of translations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Corpus BLEU, 0 to 100.
    pub bleu: f64,
    /// chrF, 0 to 100.
    pub chrf: f64,
    /// chrF++, 0 to 100.
    #[serde(default, rename = "chrf++", skip_serializing_if = "Option::is_none")]
    pub chrf_plus_plus: Option<f64>,
    /// How BLEU was computed.
    pub signature: String,
    /// How many sentences.
    pub sentences: usize,
    /// The share of translations that equal their reference, 0 to 1.
    pub exact_match: f64,
    /// Edits for each symbol of the references: words or phones where these stand between spaces, else characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol_error_rate: Option<f64>,
    /// How many translations did not end and were cut at the length limit.
    #[serde(default)]
    pub cut: usize,
    /// The share of distinct sources whose translation equals none of their references, 0 to 1; only
    /// where some source has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word_error_rate: Option<f64>,
    /// How many distinct sources there are, where some source has several references.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<usize>,
}

impl Scores {
    /// Scores the translations of `sources` against a reference each.
    ///
    /// # Errors
    /// When there are none, or not as many of one as of the other.
    pub fn new(
        sources: &[&str],
        hypotheses: &[String],
        references: &[String],
        tokenize: Tokenize,
    ) -> Result<Self, RuntimeError> {
        let bleu = Bleu::new(tokenize).corpus(hypotheses, references)?;
        let errors = WordErrors::count(sources, hypotheses, references)?;
        let has_several = errors.words < sources.len();
        Ok(Self {
            bleu: round(bleu.score),
            signature: bleu.signature,
            chrf: round(Chrf::new().corpus(hypotheses, references)?.score),
            chrf_plus_plus: None,
            symbol_error_rate: None,
            cut: 0,
            sentences: hypotheses.len(),
            exact_match: exact_match(hypotheses, references)?,
            word_error_rate: has_several.then(|| errors.rate()),
            words: has_several.then_some(errors.words),
        })
    }

    /// With what is only computed for a report: chrF++ and the symbol error rate.
    ///
    /// # Errors
    /// Those of [`Self::new`].
    pub fn in_full(
        mut self,
        hypotheses: &[String],
        references: &[String],
    ) -> Result<Self, RuntimeError> {
        let chrf = Chrf::plus_plus().corpus(hypotheses, references)?;
        self.chrf_plus_plus = Some(round(chrf.score));
        self.symbol_error_rate = Some(SymbolErrors::count(hypotheses, references)?.rate());
        Ok(self)
    }

    /// The share of distinct sources whose translation equals one of their references, 0 to 1.
    pub fn right(&self) -> f64 {
        self.word_error_rate
            .map_or(self.exact_match, |rate| 1.0 - rate)
    }

    /// `BLEU 99.36, chrF 99.11, exact 97.7% of 1000 sentences`, with the other scores where there are any.
    pub fn line(&self) -> String {
        let mut line = format!(
            "BLEU {:.2}, chrF {:.2}, exact {:.1}% of {} sentences",
            self.bleu,
            self.chrf,
            100.0 * self.exact_match,
            self.sentences,
        );
        if let Some(chrf) = self.chrf_plus_plus {
            line += &format!(", chrF++ {chrf:.2}");
        }
        if let Some(rate) = self.symbol_error_rate {
            line += &format!(", symbol errors {:.2}%", 100.0 * rate);
        }
        if let (Some(rate), Some(words)) = (self.word_error_rate, self.words) {
            line += &format!(", word error rate {:.2}% of {words} words", 100.0 * rate);
        }
        line
    }
}

/// Two decimals, as scores are reported.
fn round(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}
