//! Who made a tokenizer, which decides what this crate does beside the library.

use serde_json::Value;

use super::config::TokenizerConfig;
use super::pipeline::Pipeline;
use super::{character, former, spaced, subword, word};
use crate::error::DataError;

/// Who made a tokenizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// This version.
    Own {
        /// Whether it reads text in a decomposed form, which is composed when written.
        composes: bool,
    },
    /// A former version, kind `word`: this crate spaces what it writes.
    FormerWords,
    /// Another program, or a former version in another kind: the library does all.
    Other,
}

impl Origin {
    /// Looks at what surrounds the vocabulary of `library`.
    pub(super) fn of(library: &tokenizers::Tokenizer) -> Result<Self, DataError> {
        let json = |part: Result<Value, serde_json::Error>| {
            part.map_err(|error| DataError::Library {
                doing: "looking at a tokenizer",
                cause: error.to_string(),
            })
        };
        let cutter = json(serde_json::to_value(library.get_pre_tokenizer()))?;
        let decoder = json(serde_json::to_value(library.get_decoder()))?;
        if former::is_former(&cutter, &decoder) {
            return Ok(Self::FormerWords);
        }
        let own = |pipeline: Pipeline| pipeline.cutter == cutter && pipeline.decoder == decoder;
        let config = TokenizerConfig::default();
        let known = [
            word::pipeline(&config),
            spaced::pipeline(&config),
            character::pipeline(&config),
            subword::pipeline(&config, true),
            subword::pipeline(&config, false),
        ];
        if !known.into_iter().any(own) {
            return Ok(Self::Other);
        }
        let normalizer = json(serde_json::to_value(library.get_normalizer()))?;
        let first = normalizer["normalizers"][0]["type"].as_str();
        Ok(Self::Own {
            composes: matches!(first, Some("NFD" | "NFKD")),
        })
    }
}
