//! Words and marks; each Chinese character is a word.

use std::ops::Range;
use std::sync::OnceLock;

use serde_json::{Value, json};
use tokenizers::{OffsetReferential, OffsetType, Tokenizer};

use super::config::{Kind, TokenizerConfig};
use super::pipeline::{self, Pipeline};
use super::script::{self, HAN, HIRAGANA, KATAKANA};
use super::whole::vocabulary;
use crate::error::DataError;

/// How words are cut. Tokens are, in this order: a Chinese character or a hiragana; a run of
/// katakana; a number with inner marks (3.5, 10:30); dotted letters (a.m.); a word with inner
/// apostrophes (don't); dots or dashes in a row; any other single character.
pub(super) fn pipeline(lowercase: bool) -> Pipeline {
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
    Pipeline {
        cutter: json!({"type": "Split", "pattern": {"Regex": pattern},
                       "behavior": "Removed", "invert": true}),
        decoder: Value::Null,
        lowercase,
    }
}

/// The bytes of each word and mark of `text`, as `kind = "word"` cuts it, whatever the vocabulary.
///
/// # Errors
/// When the tokenizer library fails to cut the text.
pub fn words(text: &str) -> Result<Vec<Range<usize>>, DataError> {
    static CUTTER: OnceLock<Tokenizer> = OnceLock::new();
    let cutter = match CUTTER.get() {
        Some(cutter) => cutter,
        None => {
            let cutter = pipeline(false).empty()?;
            CUTTER.get_or_init(|| cutter)
        }
    };
    let cut = pipeline::cut(cutter, text)?;
    let pieces = cut.get_splits(OffsetReferential::Original, OffsetType::Byte);
    Ok(pieces
        .into_iter()
        .map(|(_, (from, to), _)| from..to)
        .collect())
}

/// Takes up the commonest words, ties in alphabetical order.
pub(super) fn train(config: &TokenizerConfig, texts: &[&str]) -> Result<Tokenizer, DataError> {
    let pipeline = pipeline(config.lowercase);
    let counts = pipeline.pieces(texts)?;
    pipeline.assemble(vocabulary(Kind::Word, config, counts)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::tests::{config, trained};

    fn tokens(text: &str) -> Vec<String> {
        let tokenizer = trained(&config(Kind::Word), &[text]);
        tokenizer.encode(text).unwrap().tokens
    }

    #[test]
    fn words_and_marks_are_tokens() {
        let cases: [(&str, &[&str]); 7] = [
            (
                "Tom's dog doesn’t bite.",
                &["Tom's", "dog", "doesn’t", "bite", "."],
            ),
            (
                "\"Well-known\", he said...",
                &["\"", "Well", "-", "known", "\"", ",", "he", "said", "..."],
            ),
            (
                "At 10:30 a.m. it cost $3,000.50!",
                &["At", "10:30", "a.m.", "it", "cost", "$", "3,000.50", "!"],
            ),
            (
                "汤姆追逐杰瑞。",
                &["汤", "姆", "追", "逐", "杰", "瑞", "。"],
            ),
            (
                "〇𠀀㐀々3本book",
                &["〇", "𠀀", "㐀", "々", "3", "本", "book"],
            ),
            (
                "カメラを買う 한국 사람",
                &["カメラ", "を", "買", "う", "한국", "사람"],
            ),
            ("<s> </s>", &["<", "s", ">", "<", "/", "s", ">"]),
        ];
        for (text, expected) in cases {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }

    #[test]
    fn words_lie_where_they_are_written() {
        let text = " Zoë didn't see 汤姆.";
        let found = words(text).unwrap();
        let found: Vec<&str> = found.into_iter().map(|place| &text[place]).collect();
        assert_eq!(found, ["Zoë", "didn't", "see", "汤", "姆", "."]);
    }

    #[test]
    fn common_words_come_first_and_rare_ones_are_unknown() {
        let mut config = config(Kind::Word);
        config.vocab_size = 6;
        let tokenizer = trained(&config, &["b a b c", "b a"]);
        assert_eq!(
            (tokenizer.token(4), tokenizer.token(5)),
            (Some("b"), Some("a"))
        );
        let encoding = tokenizer.encode("a Zoë c").unwrap();
        assert_eq!(encoding.ids, [5, 1, 1]);
        assert_eq!(encoding.unknown, ["Zoë", "c"]);
        config = TokenizerConfig {
            min_frequency: 3,
            vocab_size: 99,
            ..config
        };
        assert_eq!(trained(&config, &["b a b c", "b a"]).vocab_size(), 5);
    }

    #[test]
    fn lower_case_is_part_of_the_tokenizer() {
        let mut config = config(Kind::Word);
        config.lowercase = true;
        let tokenizer = trained(&config, &["The the THE"]);
        assert_eq!(tokenizer.vocab_size(), 5);
        assert_eq!(tokenizer.encode("tHE").unwrap().ids, [4]);
    }
}
