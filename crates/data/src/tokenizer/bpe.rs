//! Byte-pair encoding (Sennrich et al. 2016, algorithm 1) with byte fallback.

use serde_json::{Map, Value, json};
use tokenizers::Tokenizer;

use super::alphabet::{Alphabet, first_tokens};
use super::config::{Kind, TokenizerConfig};
use super::merges::learn;
use super::subword;
use crate::error::DataError;
use crate::special::{MARKS, UNK};

/// Learns merges until the vocabulary is full or no pair occurs twice.
pub(super) fn train(config: &TokenizerConfig, texts: &[&str]) -> Result<Tokenizer, DataError> {
    let pipeline = subword::for_texts(config, texts);
    let alphabet = Alphabet::new(Kind::Bpe, config, &pipeline.pieces(texts)?)?;
    let learned = learn(&alphabet, config.min_frequency);
    let spelling = |token: u32| learned.tokens[token as usize].as_str();
    let merges: Vec<[&str; 2]> = learned
        .merges
        .iter()
        .map(|&(left, right)| [spelling(left), spelling(right)])
        .collect();
    let vocabulary: Map<String, Value> = first_tokens()
        .chain(learned.tokens.iter().cloned())
        .enumerate()
        .map(|(id, token)| (token, Value::from(id)))
        .collect();
    pipeline.assemble(json!({
        "type": "BPE", "dropout": null, "unk_token": MARKS[UNK as usize],
        "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": false,
        "byte_fallback": true, "ignore_merges": false, "vocab": vocabulary, "merges": merges,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::tests::{config, trained};

    #[test]
    fn common_words_become_one_token() {
        let tokenizer = trained(&config(Kind::Bpe), &["low lower", "low slow", "so low"]);
        let encoding = tokenizer.encode("low blow").unwrap();
        assert_eq!(encoding.tokens[0], " low");
        assert_eq!(encoding.tokens.last().unwrap(), "low");
    }

    #[test]
    fn what_the_alphabet_lacks_is_spelt_in_bytes() {
        let tokenizer = trained(&config(Kind::Bpe), &["ab ab", "ab b"]);
        let encoding = tokenizer.encode("ab 猫").unwrap();
        assert_eq!(encoding.tokens[1..], [" ", "<0xE7>", "<0x8C>", "<0xAB>"]);
        assert!(encoding.unknown.is_empty());
        assert_eq!(tokenizer.decode(&encoding.ids).unwrap(), "ab 猫");
    }
}
