//! How text is cut for the kinds that spell it in pieces of words and in bytes.

use serde_json::{Value, json};

use super::config::TokenizerConfig;
use super::cuts::Cuts;
use super::pipeline::{Pipeline, SPACE};

/// Pipelines of such kinds. Words have the space before them.
///
/// Digits stand alone and marks apart from letters. That also keeps text that looks like a special
/// mark or a byte token from being taken for one. `leading` puts a space before a text and takes it away
/// when decoding, so that a word is the same token wherever it stands.
pub(super) fn pipeline(config: &TokenizerConfig, leading: bool) -> Pipeline {
    let cutter = json!({
        "type": "Split",
        "pattern": {"Regex": r"\p{Nd}|[\p{P}\p{S}]+| ?[^ \p{Nd}\p{P}\p{S}]+| "},
        "behavior": "Isolated", "invert": false,
    });
    let mut decoders = vec![json!({"type": "ByteFallback"}), json!({"type": "Fuse"})];
    if leading {
        decoders.push(json!({"type": "Strip", "content": SPACE, "start": 1, "stop": 0}));
    }
    let decoder: Value = json!({"type": "Sequence", "decoders": decoders});
    let pipeline = Pipeline::new(config, Cuts::Subwords { leading }, cutter, decoder);
    if leading {
        pipeline.after(json!({"type": "Prepend", "prepend": SPACE}))
    } else {
        pipeline
    }
}

/// The pipeline for `texts`: with a leading space where the corpus writes spaces, so that Chinese
/// sentences do not all begin with one.
pub(super) fn for_texts(config: &TokenizerConfig, texts: &[&str]) -> Pipeline {
    let with_spaces = texts.iter().filter(|text| text.contains(SPACE)).count();
    pipeline(config, 2 * with_spaces > texts.len())
}
