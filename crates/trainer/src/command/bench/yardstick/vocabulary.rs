//! The vocabularies of the yardstick.

use std::cmp::Reverse;
use std::collections::HashMap;

use data::special::{END, MARKS, UNK};

/// The most frequent tokens, numbered behind the marks; of equally frequent ones the first seen.
#[derive(Debug)]
pub(super) struct Vocabulary {
    ids: HashMap<String, u32>,
}

impl Vocabulary {
    /// At most `size` tokens, the marks included.
    pub(super) fn new(texts: &[Vec<String>], size: usize) -> Self {
        let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
        for token in texts.iter().flatten() {
            let seen = counts.len();
            counts.entry(token).or_insert((0, seen)).0 += 1;
        }
        let mut ranked: Vec<(&str, (usize, usize))> = counts.into_iter().collect();
        ranked.sort_by_key(|&(_, (count, seen))| (Reverse(count), seen));
        let kept = ranked.into_iter().take(size.saturating_sub(MARKS.len()));
        let numbers = MARKS.len() as u32..;
        Self {
            ids: kept
                .zip(numbers)
                .map(|((token, _), id)| (token.to_owned(), id))
                .collect(),
        }
    }

    /// The ids of a sentence with the end mark.
    pub(super) fn ids(&self, tokens: &[String]) -> Vec<u32> {
        let known = tokens
            .iter()
            .map(|token| *self.ids.get(token).unwrap_or(&UNK));
        known.chain([END]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_are_kept_and_the_first_of_equals() {
        let text = |words: &str| words.split(' ').map(String::from).collect::<Vec<_>>();
        let texts = [text("c a b"), text("b a d b")];
        let vocabulary = Vocabulary::new(&texts, 7);
        assert_eq!(vocabulary.ids(&text("a b c d e")), [5, 4, 6, UNK, UNK, END]);
        let whole = Vocabulary::new(&texts, 100);
        assert_eq!(whole.ids(&text("d c")), [7, 6, END]);
        assert_eq!(whole.ids(&[]), [END]);
    }
}
