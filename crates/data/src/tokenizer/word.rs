//! Words and marks; each Chinese character is a word.

use std::ops::Range;
use std::sync::OnceLock;

use serde_json::json;
use tokenizers::{OffsetReferential, OffsetType, Tokenizer};

use super::config::{Kind, TokenizerConfig};
use super::cuts::Cuts;
use super::pipeline::{self, Pipeline, SPACE, implied_spaces};
use super::script::{self, HAN, HIRAGANA, KATAKANA};
use super::whole::vocabulary;
use crate::error::DataError;

/// How words are cut. Tokens are, in this order: a Chinese character or a hiragana; a run of
/// katakana; a number with inner marks (3.5, 10:30) and what is written to it (5.5kg); dotted letters
/// (a.m.); a word with inner apostrophes (don't); dots or dashes in a row, a picture with what changes
/// it, any other single mark; white space.
///
/// Words are bare: a single space between two is implied and nobody's. A mark has the single spaces
/// beside it, so that the tokens are the text and the decoder only puts the implied spaces back.
pub(super) fn pipeline(config: &TokenizerConfig) -> Pipeline {
    let single = script::class(&[HAN, HIRAGANA]);
    let katakana = script::class(&[KATAKANA]);
    let others = format!("&&[^{single}{katakana}]");
    let of_words = r"\p{L}\p{M}\p{N}_\x{200C}\x{200D}";
    let letter = format!(r"[\p{{L}}{others}]");
    // A run of these is never cut, so that where two tokens meet with one at either side, there was a
    // space between them.
    let edge = format!("[{of_words}{others}]");
    let mark = format!(r"[^\s{of_words}{single}{katakana}]");
    // Variation selector, keycap, skin. Where something may follow, repetitions are bounded: the regular
    // expressions of the library give up where they would have to come back from too far.
    let picture = format!(r"{mark}[\x{{FE0F}}\x{{20E3}}\x{{1F3FB}}-\x{{1F3FF}}]{{0,9}}");
    let space_behind = r"(?: (?=\S))?";
    let marks = [
        r"\.{2,99}|…{1,99}|-{2,99}|—{1,99}".to_owned(),
        format!(r"{picture}(?:\x{{200D}}{picture}){{0,9}}(?!{edge})"),
        mark,
    ]
    .join("|");
    let pattern = [
        format!("[{single}]"),
        format!("[{katakana}]+"),
        format!(r"\p{{Nd}}+(?:[.,:/]\p{{Nd}}+)+{edge}*"),
        format!(r"(?:{letter}\.){{2,99}}{space_behind}"),
        format!("{edge}+(?:['’]{edge}+)*"),
        format!(" ?(?:{marks}){space_behind}"),
        format!(r"(?!(?<={edge}) (?={edge}))\s+"),
    ]
    .join("|");
    let cutter = json!({
        "type": "Split", "pattern": {"Regex": pattern}, "behavior": "Removed", "invert": true,
    });
    Pipeline::new(config, Cuts::Words, cutter, implied_spaces(&edge))
}

/// The bytes of each word and mark of `text`, as `kind = "word"` cuts it, whatever the vocabulary;
/// without the spaces beside marks.
///
/// # Errors
/// When the tokenizer library fails to cut the text.
pub fn words(text: &str) -> Result<Vec<Range<usize>>, DataError> {
    static CUTTER: OnceLock<Tokenizer> = OnceLock::new();
    let cutter = match CUTTER.get() {
        Some(cutter) => cutter,
        None => {
            let cutter = pipeline(&TokenizerConfig::default()).empty()?;
            CUTTER.get_or_init(|| cutter)
        }
    };
    let cut = pipeline::cut(cutter, text)?;
    let pieces = cut.get_splits(OffsetReferential::Original, OffsetType::Byte);
    Ok(pieces
        .into_iter()
        .filter(|(piece, ..)| !piece.trim().is_empty())
        .map(|(_, place, _)| pipeline::without_spaces(text, place))
        .map(|(from, to)| from..to)
        .collect())
}

/// Takes up the commonest words, ties in alphabetical order. Beside letters of scripts without spaces a
/// space is a token, which is known wherever there are such letters.
pub(super) fn train(config: &TokenizerConfig, texts: &[&str]) -> Result<Tokenizer, DataError> {
    let pipeline = pipeline(config);
    let mut counts = pipeline.pieces(texts)?;
    let unspaced = |(piece, _): &(String, u64)| piece.starts_with(script::is_unspaced_letter);
    if counts.iter().any(unspaced) {
        let space = SPACE.to_string();
        counts.retain(|(piece, _)| *piece != space);
        counts.push((space, u64::MAX));
    }
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
        let cases: [(&str, &[&str]); 8] = [
            (
                "Tom's dog doesn’t bite.",
                &["Tom's", "dog", "doesn’t", "bite", "."],
            ),
            (
                "\"Well-known\", he said...",
                &["\"", "Well", "-", "known", "\"", ", ", "he", "said", "..."],
            ),
            (
                "At 10:30 a.m. it cost $3,000.50!",
                &["At", "10:30", "a.m. ", "it", "cost", " $", "3,000.50", "!"],
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
                &["カメラ", "を", "買", "う", " ", "한국", "사람"],
            ),
            ("<s> </s>", &["<", "s", "> ", "<", "/", "s", ">"]),
            (
                "a , b  C++ 5\u{a0}€ 3.5kg 👩\u{200d}👧 👍\u{fe0f} x",
                &[
                    "a",
                    " , ",
                    "b",
                    "  ",
                    "C",
                    "+",
                    "+ ",
                    "5",
                    "\u{a0}",
                    "€ ",
                    "3.5kg",
                    " 👩\u{200d}👧 ",
                    "👍\u{fe0f} ",
                    "x",
                ],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(tokens(text), expected, "{text}");
            let tokenizer = trained(&config(Kind::Word), &[text]);
            let ids = tokenizer.encode(text).unwrap().ids;
            assert_eq!(tokenizer.decode(&ids).unwrap(), text);
        }
    }

    #[test]
    fn words_lie_where_they_are_written() {
        let text = " Zoë  didn't see ( 汤姆 ).";
        let found = words(text).unwrap();
        let found: Vec<&str> = found.into_iter().map(|place| &text[place]).collect();
        assert_eq!(found, ["Zoë", "didn't", "see", "(", "汤", "姆", ")", "."]);
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
