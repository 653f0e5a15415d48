//! Numbers for words, so that n-grams are compared as integers and not as strings.

use std::collections::HashMap;

/// Gives every distinct word a number, from 1 upwards in order of first sight.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    numbers: HashMap<String, u32>,
}

impl Vocabulary {
    /// The number of `word`, a new one at first sight. Never 0, which [`crate::ngram`] needs itself.
    pub(crate) fn number(&mut self, word: &str) -> u32 {
        if let Some(&number) = self.numbers.get(word) {
            return number;
        }
        // Four billion distinct words would fill over 100 GB of this map, so the count fits in 32 bits.
        let number = self.numbers.len() as u32 + 1;
        self.numbers.insert(word.to_owned(), number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_words_share_a_number() {
        let mut vocabulary = Vocabulary::default();
        let numbers = ["a", "b", "a", ""].map(|word| vocabulary.number(word));
        assert_eq!(numbers, [1, 2, 1, 3]);
    }
}
