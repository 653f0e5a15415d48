//! Who made a tokenizer, which decides what this crate does beside the library.

use serde_json::Value;
use tokenizers::ModelWrapper;

use super::config::TokenizerConfig;
use super::cuts::Cuts;
use super::normalization::Normalization;
use super::pipeline::Pipeline;
use super::{character, former, spaced, subword, word};
use crate::error::DataError;
use crate::special::MARKS;

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

/// Looks at what surrounds the vocabulary of `library`: who made it, and where texts can be cut without a token's
/// noticing, if that is known, in which normal form.
pub(super) fn of(
    library: &tokenizers::Tokenizer,
) -> Result<(Origin, Option<(Cuts, Normalization)>), DataError> {
    let json = |part: Result<Value, serde_json::Error>| {
        part.map_err(|error| DataError::Library {
            doing: "looking at a tokenizer",
            cause: error.to_string(),
        })
    };
    let cutter = json(serde_json::to_value(library.get_pre_tokenizer()))?;
    let decoder = json(serde_json::to_value(library.get_decoder()))?;
    if former::is_former(&cutter, &decoder) {
        return Ok((Origin::FormerWords, None));
    }
    let config = TokenizerConfig::default();
    let known = [
        word::pipeline(&config),
        spaced::pipeline(&config),
        character::pipeline(&config),
        subword::pipeline(&config, true),
        subword::pipeline(&config, false),
    ];
    let is_own = |own: &Pipeline| own.cutter == cutter && own.decoder == decoder;
    let Some(pipeline) = known.into_iter().find(is_own) else {
        return Ok((Origin::Other, None));
    };
    let normalizer = json(serde_json::to_value(library.get_normalizer()))?;
    let first = normalizer["normalizers"][0]["type"].as_str();
    let origin = Origin::Own {
        composes: matches!(first, Some("NFD" | "NFKD")),
    };
    // Tokens beside the marks are found in whole texts, and a dropout of merges is drawn anew for each.
    let is_plain = library.get_added_tokens_decoder().len() == MARKS.len()
        && library.get_post_processor().is_none()
        && library.get_truncation().is_none()
        && !matches!(library.get_model(), ModelWrapper::BPE(bpe) if bpe.dropout.is_some());
    let form = form(&normalizer, &pipeline.normalizers).filter(|_| is_plain);
    Ok((origin, form.map(|form| (pipeline.cuts, form))))
}

/// The normal form with which `normalizer` begins, if a lower case and `last` are all that follows.
fn form(normalizer: &Value, last: &[Value]) -> Option<Normalization> {
    let all = match normalizer {
        Value::Null => &[][..],
        normalizer => normalizer["normalizers"].as_array()?,
    };
    let first = all.strip_suffix(last)?;
    let names: Vec<&str> = first
        .iter()
        .filter_map(|one| one["type"].as_str())
        .collect();
    let forms = [
        Normalization::None,
        Normalization::Nfc,
        Normalization::Nfd,
        Normalization::Nfkc,
        Normalization::Nfkd,
    ];
    forms.into_iter().find(|form| {
        let names = names.strip_suffix(&["Lowercase"]).unwrap_or(&names);
        form.library_name().as_slice() == names && first.len() <= 2
    })
}
