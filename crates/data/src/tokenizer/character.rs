//! Characters: every code point is a token, a space too.

use serde_json::json;
use tokenizers::Tokenizer;

use super::config::{Kind, TokenizerConfig};
use super::cuts::Cuts;
use super::pipeline::{Pipeline, SPACE};
use super::whole::vocabulary;
use crate::error::DataError;

/// How characters are cut: one by one.
pub(super) fn pipeline(config: &TokenizerConfig) -> Pipeline {
    let cutter = json!({
        "type": "Split", "pattern": {"Regex": r"[\s\S]"}, "behavior": "Isolated", "invert": false,
    });
    Pipeline::new(config, Cuts::Characters, cutter, json!({"type": "Fuse"}))
}

/// Takes up the commonest characters, ties in the order of their code points. The space is always
/// among them.
pub(super) fn train(config: &TokenizerConfig, texts: &[&str]) -> Result<Tokenizer, DataError> {
    let pipeline = pipeline(config);
    let mut counts = pipeline.pieces(texts)?;
    let space = SPACE.to_string();
    if !counts.is_empty() {
        counts.retain(|(piece, _)| *piece != space);
        counts.push((space, u64::MAX));
    }
    pipeline.assemble(vocabulary(Kind::Char, config, counts)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::Normalization;
    use crate::tokenizer::tests::{config, trained};

    #[test]
    fn every_character_is_a_token_and_spaces_survive() {
        let text = "Tom  chases 杰瑞 <s>▁";
        let tokenizer = trained(&config(Kind::Char), &[text]);
        let encoding = tokenizer.encode(text).unwrap();
        assert_eq!(encoding.tokens.concat(), text);
        assert_eq!(encoding.tokens.len(), text.chars().count());
        assert_eq!(tokenizer.decode(&encoding.ids).unwrap(), text);
    }

    #[test]
    fn spaces_are_known_even_where_the_corpus_has_none() {
        let tokenizer = trained(&config(Kind::Char), &["你好"]);
        let encoding = tokenizer.encode("你 们好").unwrap();
        assert_eq!(encoding.unknown, ["们"]);
        assert_eq!(tokenizer.decode(&encoding.ids).unwrap(), "你 好");
    }

    #[test]
    fn korean_syllables_are_read_in_letters_and_written_in_syllables() {
        for form in [Normalization::Nfd, Normalization::Nfkd] {
            let config = TokenizerConfig {
                normalize: Some(form),
                ..config(Kind::Char)
            };
            let text = "각오 é";
            let tokenizer = trained(&config, &[text]);
            let encoding = tokenizer.encode(text).unwrap();
            assert_eq!(encoding.tokens.len(), 3 + 2 + 1 + 2);
            assert_eq!(encoding.offsets[..3], [(0, 3); 3]);
            assert_eq!(encoding.offsets[6..], [(7, 9); 2]);
            assert_eq!(tokenizer.decode(&encoding.ids).unwrap(), text);
        }
    }
}
