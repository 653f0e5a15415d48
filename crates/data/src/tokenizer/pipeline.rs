//! Pipeline around a vocabulary in a `tokenizer.json`: normaliser, cutter and decoder.
//!
//! A tokenizer is assembled from its JSON form, the library's published file format, so that what
//! is trained here and what is loaded from a file are the same thing.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use serde_json::{Value, json};
use tokenizers::tokenizer::pre_tokenizer::PreTokenizedString;
use tokenizers::{
    NormalizedString, Normalizer, OffsetReferential, OffsetType, PreTokenizer, Tokenizer,
};

use super::config::TokenizerConfig;
use super::cuts::Cuts;
use super::normalization::Normalization;
use crate::error::DataError;
use crate::special::{MARKS, UNK};

/// A space inside a token.
pub(super) const SPACE: char = ' ';

/// How text becomes pieces before the vocabulary is asked, and how tokens become text again.
pub(super) struct Pipeline {
    /// The normal form that text is put in first.
    form: Normalization,
    /// JSON of the library's normalisers, in the order in which they work.
    pub(super) normalizers: Vec<Value>,
    /// Where a text can be cut without a token's noticing.
    pub(super) cuts: Cuts,
    /// JSON of the library's pre-tokenizer.
    pub(super) cutter: Value,
    /// JSON of the library's decoder.
    pub(super) decoder: Value,
}

impl Pipeline {
    /// A pipeline that begins with the normal form and the lower case that `config` asks for.
    pub(super) fn new(config: &TokenizerConfig, cuts: Cuts, cutter: Value, decoder: Value) -> Self {
        let form = config.normalize.unwrap_or_default();
        let lowercase = config.lowercase.then_some("Lowercase");
        Self {
            form,
            cuts,
            normalizers: form
                .library_name()
                .into_iter()
                .chain(lowercase)
                .map(|name| json!({"type": name}))
                .collect(),
            cutter,
            decoder,
        }
    }

    /// The pipeline with another normaliser after the others.
    pub(super) fn after(mut self, normalizer: Value) -> Self {
        self.normalizers.push(normalizer);
        self
    }

    /// The tokenizer of this pipeline around `model`, the JSON of a library model.
    pub(super) fn assemble(&self, model: Value) -> Result<Tokenizer, DataError> {
        let normalizer = match &self.normalizers[..] {
            [] => Value::Null,
            normalizers => json!({"type": "Sequence", "normalizers": normalizers}),
        };
        let marks: Vec<Value> = MARKS
            .iter()
            .enumerate()
            .map(|(id, content)| {
                json!({
                    "id": id, "content": content, "single_word": false, "lstrip": false,
                    "rstrip": false, "normalized": false, "special": true,
                })
            })
            .collect();
        let whole = json!({
            "version": "1.0", "truncation": null, "padding": null, "added_tokens": marks,
            "normalizer": normalizer,
            "pre_tokenizer": self.cutter, "post_processor": null, "decoder": self.decoder,
            "model": model,
        });
        serde_json::from_value(whole).map_err(|error| DataError::Library {
            doing: "assembling a tokenizer",
            cause: error.to_string(),
        })
    }

    /// A tokenizer without words, to cut text.
    pub(super) fn empty(&self) -> Result<Tokenizer, DataError> {
        let unk = MARKS[UNK as usize];
        self.assemble(json!({"type": "WordLevel", "vocab": {}, "unk_token": unk}))
    }

    /// The pieces that `texts` are cut into with their numbers of occurrences, sorted by piece.
    pub(super) fn pieces(&self, texts: &[&str]) -> Result<Vec<(String, u64)>, DataError> {
        let empty = self.empty()?;
        let mut parts: HashMap<Box<str>, u64, FixedState> =
            HashMap::with_hasher(FixedState::default());
        for text in texts {
            self.cuts
                .parts(text, self.form, |part| match parts.get_mut(part) {
                    Some(count) => *count += 1,
                    None => drop(parts.insert(part.into(), 1)),
                });
        }
        let mut counts: HashMap<String, u64> = HashMap::new();
        for (part, times) in parts {
            let cut = cut(&empty, &part)?;
            for (piece, ..) in cut.get_splits(OffsetReferential::Original, OffsetType::None) {
                match counts.get_mut(piece) {
                    Some(count) => *count += times,
                    None => drop(counts.insert(piece.to_owned(), times)),
                }
            }
        }
        let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
        counts.sort_unstable();
        Ok(counts)
    }
}

/// Normalises `text` and cuts it into pieces.
pub(super) fn cut(tokenizer: &Tokenizer, text: &str) -> Result<PreTokenizedString, DataError> {
    let cutting = |cause: tokenizers::Error| DataError::Library {
        doing: "cutting text into pieces",
        cause: cause.to_string(),
    };
    let mut normalized = NormalizedString::from(text);
    if let Some(normalizer) = tokenizer.get_normalizer() {
        normalizer.normalize(&mut normalized).map_err(cutting)?;
    }
    let mut cut = PreTokenizedString::from(normalized);
    if let Some(pre_tokenizer) = tokenizer.get_pre_tokenizer() {
        pre_tokenizer.pre_tokenize(&mut cut).map_err(cutting)?;
    }
    Ok(cut)
}

/// The decoder that writes tokens one after the other, with a space where the first of two ends and the
/// second begins with a character of the class `edge`.
///
/// Line breaks, which no token of a line holds, stand at such edges until all is one string.
pub(super) fn implied_spaces(edge: &str) -> Value {
    let edges = format!(r"\A(?={edge})|(?<={edge})\z");
    json!({"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"Regex": edges}, "content": "\n"},
        {"type": "Fuse"},
        {"type": "Replace", "pattern": {"String": "\n\n"}, "content": " "},
        {"type": "Replace", "pattern": {"String": "\n"}, "content": ""},
    ]})
}

/// `place` in `text` without the spaces at its ends, unless it is nothing but spaces.
pub(super) fn without_spaces(text: &str, (from, to): (usize, usize)) -> (usize, usize) {
    let Some(piece) = text.get(from..to) else {
        return (from, to);
    };
    let behind = piece.trim_end_matches(SPACE);
    let bare = behind.trim_start_matches(SPACE);
    if bare.is_empty() {
        (from, to)
    } else {
        let start = from + behind.len() - bare.len();
        (start, start + bare.len())
    }
}

/// The 256 tokens that spell a byte each, `<0x00>` to `<0xFF>`.
pub(super) fn byte_tokens() -> impl Iterator<Item = String> {
    (0..=u8::MAX).map(|byte| format!("<0x{byte:02X}>"))
}
