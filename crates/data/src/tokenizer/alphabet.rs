//! Which characters a subword vocabulary spells as themselves; the others are spelt in bytes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::config::{Kind, TokenizerConfig};
use super::pipeline::{SPACE, byte_tokens};
use crate::error::DataError;
use crate::special::MARKS;

/// The share of all characters in the corpus that the alphabet covers. What is beyond occurs so
/// seldom that it is better spelt in bytes, which it also teaches a model to use.
const COVERAGE: f64 = 0.9995;
/// Alphabets up to this size, such as all of Europe's, are taken up whole.
const SMALL: usize = 256;
/// Longer words are learned from in parts, to bound the time a word can take.
const LONGEST_WORD: usize = 256;

/// An alphabet and the training words written in it.
#[derive(Debug)]
pub(super) struct Alphabet {
    /// The characters, the commonest first; a character's place is its number in `words`.
    pub(super) characters: Vec<char>,
    /// Words as numbers of characters, with their numbers of occurrences; sorted, each word once.
    /// A word with a character outside the alphabet is there in parts.
    pub(super) words: Vec<(Vec<u32>, u64)>,
    /// How many tokens there may be besides the marks and the bytes, the characters included.
    pub(super) room: usize,
}

impl Alphabet {
    /// Takes up the commonest characters of `pieces` (each with its number of occurrences) until
    /// they cover enough of the text or the vocabulary is full. The space is always taken up.
    ///
    /// # Errors
    /// A vocabulary without room for the marks, the bytes and one character; no text.
    pub(super) fn new(
        kind: Kind,
        config: &TokenizerConfig,
        pieces: &[(String, u64)],
    ) -> Result<Self, DataError> {
        let fixed = first_tokens().count();
        let Some(room) = config
            .vocab_size
            .checked_sub(fixed)
            .filter(|&room| room > 0)
        else {
            return Err(DataError::VocabularyTooSmall {
                kind,
                vocab_size: config.vocab_size,
                least: fixed + 1,
            });
        };
        let mut counts: HashMap<char, u64> = HashMap::new();
        for (piece, count) in pieces {
            for character in piece.chars() {
                *counts.entry(character).or_default() += count;
            }
        }
        if counts.is_empty() {
            return Err(DataError::NothingToLearn { kind });
        }
        counts.remove(&SPACE);
        let total: u64 = counts.values().sum();
        let mut common: Vec<(char, u64)> = counts.into_iter().collect();
        common.sort_unstable_by_key(|&(character, count)| (Reverse(count), character));

        let mut characters = vec![SPACE];
        let mut covered = 0;
        for (character, count) in common {
            let enough = characters.len() >= SMALL && covered as f64 >= COVERAGE * total as f64;
            if enough || count < config.min_frequency || characters.len() == room {
                break;
            }
            characters.push(character);
            covered += count;
        }
        let words = write_in(&characters, pieces);
        Ok(Self {
            characters,
            words,
            room,
        })
    }

    /// The text that `symbols`, numbers of characters, stand for.
    pub(super) fn spell(&self, symbols: &[u32]) -> String {
        symbols
            .iter()
            .filter_map(|&symbol| self.characters.get(symbol as usize))
            .collect()
    }
}

/// The tokens that every subword vocabulary begins with: the marks, then the bytes.
pub(super) fn first_tokens() -> impl Iterator<Item = String> {
    MARKS
        .iter()
        .map(|&mark| mark.to_owned())
        .chain(byte_tokens())
}

fn write_in(characters: &[char], pieces: &[(String, u64)]) -> Vec<(Vec<u32>, u64)> {
    let numbers: HashMap<char, u32> = characters.iter().copied().zip(0..).collect();
    let mut words: BTreeMap<Vec<u32>, u64> = BTreeMap::new();
    for (piece, count) in pieces {
        let symbols: Vec<Option<u32>> = piece
            .chars()
            .map(|character| numbers.get(&character).copied())
            .collect();
        for run in symbols.split(Option::is_none) {
            for part in run.chunks(LONGEST_WORD) {
                let word: Vec<u32> = part.iter().copied().flatten().collect();
                *words.entry(word).or_default() += count;
            }
        }
    }
    words.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(vocab_size: usize) -> TokenizerConfig {
        TokenizerConfig {
            kind: Kind::Bpe,
            vocab_size,
            ..TokenizerConfig::default()
        }
    }

    #[test]
    fn the_commonest_characters_are_taken_and_words_cut_at_the_others() {
        let pieces = [
            ("abab".to_owned(), 3),
            ("bxa".to_owned(), 2),
            (" a".to_owned(), 1),
        ];
        let alphabet = Alphabet::new(Kind::Bpe, &config(263), &pieces).unwrap();
        assert_eq!(alphabet.characters, [' ', 'a', 'b']);
        let words = [
            (vec![0, 1], 1),
            (vec![1], 2),
            (vec![1, 2, 1, 2], 3),
            (vec![2], 2),
        ];
        assert_eq!(alphabet.words, words);
        assert_eq!(alphabet.spell(&[0, 1, 2]), " ab");
    }

    #[test]
    fn characters_beyond_the_coverage_are_left_to_bytes() {
        let common: Vec<(String, u64)> = ('一'..).take(300).map(|c| (c.into(), 9_999)).collect();
        let pieces = [&common[..], &[("z".into(), 1)]].concat();
        let alphabet = Alphabet::new(Kind::Bpe, &config(999), &pieces).unwrap();
        assert_eq!(alphabet.characters.len(), 301);
        assert!(!alphabet.characters.contains(&'z'));
        let few = Alphabet::new(Kind::Bpe, &config(999), &pieces[290..]).unwrap();
        assert!(few.characters.contains(&'z'));
    }

    #[test]
    fn a_vocabulary_without_room_is_refused() {
        let pieces = [("a".to_owned(), 1)];
        let message = Alphabet::new(Kind::Bpe, &config(260), &pieces)
            .unwrap_err()
            .to_string();
        assert!(message.contains("at least 261"), "{message}");
        assert!(Alphabet::new(Kind::Bpe, &config(261), &pieces).is_ok());
    }
}
