//! The unigram language model (Kudo 2018) with byte fallback.

use serde_json::{Value, json};
use tokenizers::Tokenizer;

use super::alphabet::{Alphabet, first_tokens};
use super::config::{Kind, TokenizerConfig};
use super::likelihood::learn;
use super::subword;
use crate::error::DataError;
use crate::special::UNK;

/// Scores are written with this many steps to a unit, so that reading them back is exact.
const STEPS: f64 = 1e6;

/// Learns the pieces that make the corpus likeliest.
pub(super) fn train(config: &TokenizerConfig, texts: &[&str]) -> Result<Tokenizer, DataError> {
    let pipeline = subword::for_texts(config, texts);
    let alphabet = Alphabet::new(Kind::Unigram, config, &pipeline.pieces(texts)?)?;
    let mut pieces: Vec<(String, f64)> = learn(&alphabet)
        .into_iter()
        .map(|piece| {
            let score = (piece.score * STEPS).round() / STEPS;
            (alphabet.spell(&piece.symbols), score)
        })
        .collect();
    pieces.sort_by(|(a, a_score), (b, b_score)| b_score.total_cmp(a_score).then(a.cmp(b)));
    let vocabulary: Vec<Value> = first_tokens()
        .map(|token| (token, 0.0))
        .chain(pieces)
        .map(|(token, score)| json!([token, score]))
        .collect();
    pipeline.assemble(json!({
        "type": "Unigram", "unk_id": UNK, "vocab": vocabulary, "byte_fallback": true,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::tests::{config, trained};

    #[test]
    fn common_words_become_one_token() {
        let texts = ["the cat sat", "the dog sat", "the cat ran", "a dog ran"].repeat(5);
        let tokenizer = trained(&config(Kind::Unigram), &texts);
        let encoding = tokenizer.encode("the cat ran").unwrap();
        assert_eq!(encoding.tokens, [" the", " cat", " ran"]);
    }

    #[test]
    fn what_the_alphabet_lacks_is_spelt_in_bytes() {
        let tokenizer = trained(&config(Kind::Unigram), &["ab ab", "ab b"]);
        let encoding = tokenizer.encode("ab 猫").unwrap();
        assert!(
            encoding
                .tokens
                .ends_with(&["<0xE7>", "<0x8C>", "<0xAB>"].map(String::from))
        );
        assert!(encoding.unknown.is_empty());
        assert_eq!(tokenizer.decode(&encoding.ids).unwrap(), "ab 猫");
    }

    #[test]
    fn text_that_looks_like_a_mark_or_a_byte_is_text() {
        let tokenizer = trained(&config(Kind::Unigram), &["a < b", "0x41 > s"]);
        for text in ["<s>", "a</s>b", "<0x41>", "<pad><unk>"] {
            let ids = tokenizer.encode(text).unwrap().ids;
            assert!(ids.iter().all(|&id| id > 3), "{text}");
            assert_eq!(tokenizer.decode(&ids).unwrap(), text);
        }
    }
}
