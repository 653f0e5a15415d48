//! How a line becomes the words that BLEU counts: one tokenizer a file, all of one shape. Each has a
//! function `separate` that returns the line with white space between its tokens.

mod character;
mod mteval;
mod none;
mod punctuation;
mod suited;
mod zh;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::MetricError;
use crate::whitespace::{is_whitespace, split};

/// A BLEU tokenizer, by the name sacreBLEU gives it in signatures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tokenize {
    /// `13a`: the rules of NIST's `mteval-v13a`, for languages that write spaces between words.
    #[default]
    #[serde(rename = "13a")]
    ThirteenA,
    /// `zh`: every Chinese character and mark is a token; the rest is split as by `13a`.
    Zh,
    /// `char`: every character that is not white space is a token.
    Char,
    /// `none`: tokens are what white space separates.
    None,
}

impl Tokenize {
    /// Every tokenizer.
    pub const ALL: [Self; 4] = [Self::ThirteenA, Self::Zh, Self::Char, Self::None];

    /// The name, as in signatures and configs.
    pub fn name(self) -> &'static str {
        match self {
            Self::ThirteenA => "13a",
            Self::Zh => "zh",
            Self::Char => "char",
            Self::None => "none",
        }
    }

    /// The tokens of one line.
    pub fn tokens(self, line: &str) -> Vec<String> {
        split(&self.separate(line)).map(str::to_owned).collect()
    }

    /// The line with white space between its tokens.
    pub(super) fn separate(self, line: &str) -> Cow<'_, str> {
        // sacreBLEU cuts white space off the end before any tokenizer sees the line.
        let line = line.trim_end_matches(is_whitespace);
        match self {
            Self::ThirteenA => mteval::separate(line),
            Self::Zh => zh::separate(line),
            Self::Char => character::separate(line),
            Self::None => none::separate(line),
        }
    }
}

impl fmt::Display for Tokenize {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Tokenize {
    type Err = MetricError;

    fn from_str(name: &str) -> Result<Self, MetricError> {
        Self::ALL
            .into_iter()
            .find(|tokenize| tokenize.name() == name)
            .ok_or_else(|| MetricError::UnknownTokenizer {
                name: name.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_serde_use_the_same_names() {
        for tokenize in Tokenize::ALL {
            assert_eq!(tokenize.to_string().parse(), Ok(tokenize));
            let json = serde_json::to_string(&tokenize).unwrap();
            assert_eq!(json, format!("\"{tokenize}\""));
            assert_eq!(serde_json::from_str::<Tokenize>(&json).unwrap(), tokenize);
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let message = "intl".parse::<Tokenize>().unwrap_err().to_string();
        for tokenize in Tokenize::ALL {
            assert!(message.contains(tokenize.name()), "{message}");
        }
    }
}
