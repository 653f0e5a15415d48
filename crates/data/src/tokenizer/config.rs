//! How a side of the corpus is cut into tokens, as a config says it.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::normalization::Normalization;
use crate::corpus::Side;

/// The families of vocabularies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The one of the others that suits the text: [`Self::suited_to`].
    #[default]
    Auto,
    /// Words and marks, which have the spaces beside them; each Chinese character is a word.
    Word,
    /// Pieces between spaces, for text that is cut already.
    Space,
    /// Characters.
    Char,
    /// Byte-pair encoding (Sennrich et al. 2016) with byte fallback.
    Bpe,
    /// The unigram language model (Kudo 2018) with byte fallback.
    Unigram,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Auto => "auto",
            Self::Word => "word",
            Self::Space => "space",
            Self::Char => "char",
            Self::Bpe => "bpe",
            Self::Unigram => "unigram",
        })
    }
}

/// How to make a tokenizer. Every key may be left out of a config.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenizerConfig {
    /// The family; default `auto`.
    pub kind: Kind,
    /// The most tokens the vocabulary may hold, special marks and bytes included; default 8,000.
    pub vocab_size: usize,
    /// Whether text is put in lower case first; default no.
    pub lowercase: bool,
    /// The Unicode form that text is put in before anything else. Unset is that of
    /// [`Self::for_side`], and without that none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalize: Option<Normalization>,
    /// How often a word (`word`, `space`), a character (all others) or a merged pair (`bpe`) must occur in
    /// the corpus to be taken up; default 1.
    pub min_frequency: u64,
    /// A `tokenizer.json` to use instead of training one; the keys above are then unused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
}

impl Default for TokenizerConfig {
    fn default() -> Self {
        Self {
            kind: Kind::Auto,
            vocab_size: 8_000,
            lowercase: false,
            normalize: None,
            min_frequency: 1,
            file: None,
        }
    }
}

impl TokenizerConfig {
    /// The same with what is unset as suits a side's own vocabulary: [`Normalization::of_side`].
    /// A vocabulary that both sides share is the target's.
    #[must_use]
    pub fn for_side(&self, side: Side) -> Self {
        let mut config = self.clone();
        config.normalize.get_or_insert(Normalization::of_side(side));
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_default_and_unknown_keys_are_refused() {
        let config: TokenizerConfig = serde_json::from_str("{}").unwrap();
        assert_eq!(config, TokenizerConfig::default());
        let config: TokenizerConfig = serde_json::from_str("{\"kind\":\"unigram\"}").unwrap();
        assert_eq!(config.kind, Kind::Unigram);
        let unknown = serde_json::from_str::<TokenizerConfig>("{\"vocabsize\":1}");
        assert!(unknown.unwrap_err().to_string().contains("vocabsize"));
    }

    #[test]
    fn kinds_are_shown_as_they_are_written() {
        for kind in [
            Kind::Auto,
            Kind::Word,
            Kind::Space,
            Kind::Char,
            Kind::Bpe,
            Kind::Unigram,
        ] {
            let written = serde_json::to_string(&kind).unwrap();
            assert_eq!(written, format!("\"{kind}\""));
        }
    }

    #[test]
    fn sides_have_their_own_normal_forms_unless_told() {
        let plain = TokenizerConfig::default();
        let form = |side| plain.for_side(side).normalize;
        assert_eq!(form(Side::Source), Some(Normalization::Nfc));
        assert_eq!(form(Side::Target), Some(Normalization::None));
        let told: TokenizerConfig = serde_json::from_str("{\"normalize\":\"nfkd\"}").unwrap();
        assert_eq!(told.for_side(Side::Source), told);
    }
}
