//! Pieces between spaces, for text that is cut already: phones, features, pieces of words.

use serde_json::json;
use tokenizers::Tokenizer;

use super::config::{Kind, TokenizerConfig};
use super::cuts::Cuts;
use super::pipeline::{Pipeline, implied_spaces};
use super::whole::vocabulary;
use crate::error::DataError;

/// How a word that is spelt like a special mark begins in the vocabulary.
pub(super) const ESCAPED: &str = "<\n";

/// How text is cut at spaces. Between two tokens a space is implied; other spaces (at an end, several
/// in a row) are a token of their own.
///
/// A word that is spelt like a special mark gets a line break behind its first character, which no
/// line of text holds and the decoder takes out: what is written stays text.
pub(super) fn pipeline(config: &TokenizerConfig) -> Pipeline {
    let cutter = json!({
        "type": "Split", "pattern": {"Regex": r"[^ ]+|\A +| +\z| {2,}"},
        "behavior": "Removed", "invert": true,
    });
    let mark = r"(?<![^ ])<(?=(?:pad|unk|s|/s)>(?![^ ]))";
    Pipeline::new(config, Cuts::Spaces, cutter, implied_spaces("[^ ]"))
        .after(json!({"type": "Replace", "pattern": {"Regex": mark}, "content": ESCAPED}))
}

/// Takes up the commonest tokens, ties in alphabetical order.
pub(super) fn train(config: &TokenizerConfig, texts: &[&str]) -> Result<Tokenizer, DataError> {
    let pipeline = pipeline(config);
    let counts = pipeline.pieces(texts)?;
    pipeline.assemble(vocabulary(Kind::Space, config, counts)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::is_mark;
    use crate::tokenizer::tests::{config, trained};

    #[test]
    fn spaces_and_nothing_else_part_tokens() {
        for (text, expected) in [
            ("N U @ T", &["N", "U", "@", "T"][..]),
            ("un@@ happi@@ ness", &["un@@", "happi@@", "ness"]),
            ("  a,b  c\td ", &["  ", "a,b", "  ", "c\td", " "]),
        ] {
            let tokenizer = trained(&config(Kind::Space), &[text]);
            let encoding = tokenizer.encode(text).unwrap();
            assert_eq!(encoding.tokens, expected);
            assert_eq!(tokenizer.decode(&encoding.ids).unwrap(), text);
        }
    }

    #[test]
    fn words_spelt_like_marks_are_words() {
        let text = "<s> a </s> <unk> <pad> b<s> <s>b <s>";
        let tokenizer = trained(&config(Kind::Space), &[text]);
        let encoding = tokenizer.encode(text).unwrap();
        assert!(encoding.ids.iter().all(|&id| !is_mark(id)));
        assert_eq!(tokenizer.decode(&encoding.ids).unwrap(), text);
        assert_eq!(tokenizer.shown(encoding.ids[0]).as_deref(), Some("<s>"));
        let places: Vec<&str> = encoding
            .offsets
            .iter()
            .map(|&(from, to)| &text[from..to])
            .collect();
        assert_eq!(places.join(" "), text);
    }
}
