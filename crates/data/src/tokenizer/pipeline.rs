//! What surrounds a vocabulary in a `tokenizer.json`: normaliser, cutter and decoder.
//!
//! A tokenizer is assembled from its JSON form, the library's published file format, so that what
//! is trained here and what is loaded from a file are the same thing.

use std::collections::HashMap;

use serde_json::{Value, json};
use tokenizers::tokenizer::pre_tokenizer::PreTokenizedString;
use tokenizers::{
    NormalizedString, Normalizer, OffsetReferential, OffsetType, PreTokenizer, Tokenizer,
};

use crate::error::DataError;
use crate::special::{MARKS, UNK};

/// Stands for a space inside a token.
pub(super) const SPACE: char = '▁';

/// How text becomes pieces before the vocabulary is asked, and how tokens become text again.
pub(super) struct Pipeline {
    /// JSON of the library's pre-tokenizer.
    pub(super) cutter: Value,
    /// JSON of the library's decoder; null for whole words, which this crate spaces itself.
    pub(super) decoder: Value,
    /// Whether text is put in lower case.
    pub(super) lowercase: bool,
}

impl Pipeline {
    /// The tokenizer of this pipeline around `model`, the JSON of a library model.
    pub(super) fn assemble(&self, model: Value) -> Result<Tokenizer, DataError> {
        let mut normalizers = vec![json!({"type": "NFC"})];
        if self.lowercase {
            normalizers.push(json!({"type": "Lowercase"}));
        }
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
            "normalizer": {"type": "Sequence", "normalizers": normalizers},
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
        let mut counts: HashMap<String, u64> = HashMap::new();
        for text in texts {
            let cut = cut(&empty, text)?;
            for (piece, ..) in cut.get_splits(OffsetReferential::Original, OffsetType::None) {
                match counts.get_mut(piece) {
                    Some(count) => *count += 1,
                    None => {
                        counts.insert(piece.to_owned(), 1);
                    }
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

/// Pipelines of the kinds that spell text in pieces with [`SPACE`] and bytes.
///
/// Digits stand alone and marks apart from letters. That also keeps text that looks like a special
/// mark or a byte token from being taken for one. A [`SPACE`] is put before a sentence only where
/// the corpus writes spaces, so that Chinese sentences do not all begin with one.
pub(super) fn subword(texts: &[&str], lowercase: bool) -> Pipeline {
    let with_spaces = texts.iter().filter(|text| text.contains(' ')).count();
    let prepend = if 2 * with_spaces > texts.len() {
        "first"
    } else {
        "never"
    };
    let metaspace = json!({
        "type": "Metaspace", "replacement": SPACE, "prepend_scheme": prepend, "split": true,
    });
    let marks_and_digits = format!(r"\p{{Nd}}|[\p{{P}}\p{{S}}&&[^{SPACE}]]+");
    Pipeline {
        cutter: json!({"type": "Sequence", "pretokenizers": [
            metaspace,
            {"type": "Split", "pattern": {"Regex": marks_and_digits},
             "behavior": "Isolated", "invert": false},
        ]}),
        decoder: json!({"type": "Sequence", "decoders": [
            metaspace, {"type": "ByteFallback"}, {"type": "Fuse"},
        ]}),
        lowercase,
    }
}

/// The 256 tokens that spell a byte each, `<0x00>` to `<0xFF>`.
pub(super) fn byte_tokens() -> impl Iterator<Item = String> {
    (0..=u8::MAX).map(|byte| format!("<0x{byte:02X}>"))
}
