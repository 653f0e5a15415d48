//! How good translations are.

use metrics::bleu::{Bleu, Tokenize};
use metrics::chrf::Chrf;
use metrics::exact_match;
use serde::{Deserialize, Serialize};

use crate::error::RunError;

/// Scores of a set of translations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Corpus BLEU, 0 to 100.
    pub bleu: f64,
    /// chrF, 0 to 100.
    pub chrf: f64,
    /// How BLEU was computed.
    pub signature: String,
    /// How many sentences.
    pub sentences: usize,
    /// The share of translations that equal their reference, 0 to 1.
    pub exact_match: f64,
}

impl Scores {
    /// Scores `hypotheses` against a reference each.
    ///
    /// # Errors
    /// When there are none, or not as many of one as of the other.
    pub fn new(
        hypotheses: &[String],
        references: &[String],
        tokenize: Tokenize,
    ) -> Result<Self, RunError> {
        let bleu = Bleu::new(tokenize).corpus(hypotheses, references)?;
        Ok(Self {
            bleu: round(bleu.score),
            signature: bleu.signature,
            chrf: round(Chrf::new().corpus(hypotheses, references)?.score),
            sentences: hypotheses.len(),
            exact_match: exact_match(hypotheses, references)?,
        })
    }
}

/// Two decimals, as scores are reported.
fn round(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}
