//! The `word` vocabularies of former versions, whose tokens did not carry their spacing.
//!
//! Their files name no decoder and are known by how they cut. (The files of the other kinds say all
//! that there is to say themselves.)

use serde_json::{Value, json};

use super::script::{self, HAN, HIRAGANA, KATAKANA};

/// Whether a file with this pre-tokenizer and decoder holds such a vocabulary.
pub(super) fn is_former(cutter: &Value, decoder: &Value) -> bool {
    decoder.is_null() && *cutter == self::cutter()
}

/// How words were cut: every mark is a token of its own, and spaces are left out.
fn cutter() -> Value {
    let single = script::class(&[HAN, HIRAGANA]);
    let katakana = script::class(&[KATAKANA]);
    let others = format!("&&[^{single}{katakana}]");
    let letter = format!(r"[\p{{L}}{others}]");
    let word = format!(r"[\p{{L}}\p{{M}}\p{{N}}_\x{{200C}}\x{{200D}}{others}]+");
    let pattern = [
        format!("[{single}]"),
        format!("[{katakana}]+"),
        r"\p{Nd}+(?:[.,:/]\p{Nd}+)+".to_owned(),
        format!(r"(?:{letter}\.){{2,}}"),
        format!("{word}(?:['’]{word})*"),
        r"\.{2,}|…+|-{2,}|—+|\S".to_owned(),
    ]
    .join("|");
    json!({"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Removed", "invert": true})
}
