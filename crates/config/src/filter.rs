//! The `[data.filter]` table.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::violation::{MOST, Violation, other, required, share, whole, within};

/// What a training pair may not repeat of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Repeated {
    /// Anything may be repeated.
    #[default]
    None,
    /// Both sides together.
    Pair,
    /// The source.
    Source,
    /// The target.
    Target,
}

/// Which training pairs are dropped. Nothing is, unless told; each reason is counted, with examples, in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FilterConfig {
    /// Fewest words, parted by white space, on either side.
    pub min_words: usize,
    /// Most words on either side; 0 for no limit.
    pub max_words: usize,
    /// Most characters of the longer side to one of the shorter; 0 for no limit.
    pub max_ratio: f64,
    /// Most characters of a word on either side; 0 for no limit.
    pub max_word_length: usize,
    /// What may not be repeated.
    pub repeated: Repeated,
    /// Whether pairs with equal sides are dropped.
    pub equal_sides: bool,
    /// Least share of letters among the characters that are not white space, on either side.
    pub min_letters: f64,
    /// Script of the letters of sources, by its Unicode name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_script: Option<String>,
    /// The same of targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_script: Option<String>,
    /// Least share of a side's letters that are of its script.
    pub min_script: f64,
    /// Language that sources are found to be in, by its ISO 639-3 code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_language: Option<String>,
    /// The same of targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_language: Option<String>,
    /// Regular expression that neither side may match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// File of a model's scores of the targets, one for each line of the corpus.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scores: Option<PathBuf>,
    /// File of the scores that a model of the other direction gives the sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverse_scores: Option<PathBuf>,
    /// Least score; with both files of their agreement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_score: Option<f64>,
}

impl Default for FilterConfig {
    fn default() -> Self {
        Self {
            min_words: 0,
            max_words: 0,
            max_ratio: 0.0,
            max_word_length: 0,
            repeated: Repeated::None,
            equal_sides: false,
            min_letters: 0.0,
            source_script: None,
            target_script: None,
            min_script: 0.5,
            source_language: None,
            target_language: None,
            pattern: None,
            scores: None,
            reverse_scores: None,
            min_score: None,
        }
    }
}

impl FilterConfig {
    /// Refuses numbers out of range.
    pub(super) fn check(&self) -> Result<(), Violation> {
        whole("data.filter.min_words", self.min_words as u64, 0..=MOST)?;
        whole("data.filter.max_words", self.max_words as u64, 0..=MOST)?;
        let ratio = |ratio: f64| ratio == 0.0 || ratio >= 1.0;
        within(
            "data.filter.max_ratio",
            self.max_ratio,
            ratio,
            "0 or at least 1",
        )?;
        if self.max_words > 0 && self.min_words > self.max_words {
            return Err(other(
                "data.filter.min_words",
                "no line has as many words and no more than max_words; change one of them",
            ));
        }
        if self.pattern.as_deref() == Some("") {
            return Err(other(
                "data.filter.pattern",
                "every line matches an empty expression; remove the key",
            ));
        }
        let files = [
            ("data.filter.scores", &self.scores),
            ("data.filter.reverse_scores", &self.reverse_scores),
        ];
        let given = files.iter().find(|(_, file)| file.is_some());
        match (given, self.min_score) {
            (Some((key, _)), None) => {
                return Err(required(
                    "data.filter.min_score",
                    key,
                    " (scores drop nothing without it)",
                    "say which pairs are dropped, for example min_score = -4.0: the log-probability of a token that a pair \
                     must have",
                ));
            }
            (None, Some(_)) => {
                return Err(other(
                    "data.filter.min_score",
                    "nothing has scores: name a file that `attune score --per-token` wrote by `scores`, or remove the key",
                ));
            }
            _ => {}
        }
        let score = self.min_score.unwrap_or_default();
        within(
            "data.filter.min_score",
            score,
            f64::is_finite,
            "a finite number",
        )?;
        let longest = self.max_word_length as u64;
        whole("data.filter.max_word_length", longest, 0..=MOST)?;
        share("data.filter.min_letters", self.min_letters)?;
        share("data.filter.min_script", self.min_script)
    }
}
