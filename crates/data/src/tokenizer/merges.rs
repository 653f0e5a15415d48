//! Learns which pairs of tokens to merge.
//!
//! The library's own trainer walks hash maps in an order that changes from run to run and may list
//! a pair twice; here every choice is by count and then by token number, so that the same corpus
//! always gives the same merges.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use super::alphabet::Alphabet;

/// A token learned from fewer occurrences would be a guess.
const LEAST_FREQUENCY: u64 = 2;
/// Longer tokens would be whole phrases.
const LONGEST_TOKEN: usize = 16;

type Pair = (u32, u32);

/// A vocabulary of tokens and how to reach it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Merges {
    /// The alphabet's characters, then the merged tokens in the order they were made.
    pub(super) tokens: Vec<String>,
    /// Pairs of tokens, the first to be merged first.
    pub(super) merges: Vec<Pair>,
}

/// Where a pair occurs.
#[derive(Default)]
struct Occurrences {
    count: u64,
    /// Words that hold the pair, or held it once.
    words: Vec<u32>,
}

/// Merges the commonest pair again and again until there are `alphabet.room` tokens or no pair
/// occurs `min_frequency` times (and at least twice).
pub(super) fn learn(alphabet: &Alphabet, min_frequency: u64) -> Merges {
    let mut learner = Learner::new(alphabet);
    let least = min_frequency.max(LEAST_FREQUENCY);
    while learner.tokens.len() < alphabet.room {
        let Some((pair, count)) = learner.commonest() else {
            break;
        };
        if count < least {
            break;
        }
        learner.merge(pair);
    }
    Merges {
        tokens: learner.tokens,
        merges: learner.merges,
    }
}

struct Learner {
    tokens: Vec<String>,
    numbers: HashMap<String, u32>,
    merges: Vec<Pair>,
    merged: HashSet<Pair>,
    words: Vec<(Vec<u32>, u64)>,
    pairs: HashMap<Pair, Occurrences>,
    /// Counts as they were when written; those that have changed since are passed over.
    queue: BinaryHeap<(u64, Reverse<Pair>)>,
}

impl Learner {
    fn new(alphabet: &Alphabet) -> Self {
        let tokens: Vec<String> = alphabet.characters.iter().map(char::to_string).collect();
        let mut learner = Self {
            numbers: tokens.iter().cloned().zip(0..).collect(),
            tokens,
            merges: Vec::new(),
            merged: HashSet::new(),
            words: alphabet.words.clone(),
            pairs: HashMap::new(),
            queue: BinaryHeap::new(),
        };
        for (index, (word, count)) in (0..).zip(&alphabet.words) {
            for pair in pairs_of(word) {
                let occurrences = learner.pairs.entry(pair).or_default();
                occurrences.count += count;
                if occurrences.words.last() != Some(&index) {
                    occurrences.words.push(index);
                }
            }
        }
        learner.queue = learner
            .pairs
            .iter()
            .map(|(pair, occurrences)| (occurrences.count, Reverse(*pair)))
            .collect();
        learner
    }

    /// The commonest pair, the one of the smallest token numbers among equals.
    fn commonest(&mut self) -> Option<(Pair, u64)> {
        while let Some((count, Reverse(pair))) = self.queue.pop() {
            let current = self.pairs.get(&pair).map_or(0, |found| found.count);
            if count > 0 && count == current && self.fits(pair) {
                return Some((pair, count));
            }
        }
        None
    }

    fn fits(&self, (left, right): Pair) -> bool {
        let length = |token: u32| self.tokens[token as usize].chars().count();
        length(left) + length(right) <= LONGEST_TOKEN
    }

    fn merge(&mut self, pair: Pair) {
        let spelling = [pair.0, pair.1]
            .map(|token| self.tokens[token as usize].as_str())
            .concat();
        let next = self.tokens.len() as u32;
        let token = *self.numbers.entry(spelling.clone()).or_insert(next);
        if token == next {
            self.tokens.push(spelling);
        }
        // A pair can come back when one of its tokens is made in a second way.
        if self.merged.insert(pair) {
            self.merges.push(pair);
        }
        let mut indices = self.pairs.remove(&pair).unwrap_or_default().words;
        indices.sort_unstable();
        indices.dedup();
        let mut changed: Vec<Pair> = Vec::new();
        for index in indices {
            let (word, count) = &mut self.words[index as usize];
            let shorter = merge_in(word, pair, token);
            if shorter.len() == word.len() {
                continue;
            }
            for old in pairs_of(word).filter(|old| *old != pair) {
                if let Some(occurrences) = self.pairs.get_mut(&old) {
                    occurrences.count -= *count;
                    changed.push(old);
                }
            }
            for new in pairs_of(&shorter) {
                let occurrences = self.pairs.entry(new).or_default();
                occurrences.count += *count;
                occurrences.words.push(index);
                changed.push(new);
            }
            *word = shorter;
        }
        changed.sort_unstable();
        changed.dedup();
        for pair in changed {
            if let Some(occurrences) = self.pairs.get(&pair) {
                self.queue.push((occurrences.count, Reverse(pair)));
            }
        }
    }
}

fn pairs_of(word: &[u32]) -> impl Iterator<Item = Pair> {
    word.windows(2).map(|window| (window[0], window[1]))
}

/// `word` with each `pair`, from the left, replaced by `token`.
fn merge_in(word: &[u32], pair: Pair, token: u32) -> Vec<u32> {
    let mut out = Vec::with_capacity(word.len());
    let mut rest = word;
    loop {
        match rest {
            [left, right, after @ ..] if (*left, *right) == pair => {
                out.push(token);
                rest = after;
            }
            [first, after @ ..] => {
                out.push(*first);
                rest = after;
            }
            [] => return out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::config::{Kind, TokenizerConfig};
    use proptest::prelude::*;

    fn alphabet(words: &[(&str, u64)], vocab_size: usize) -> Alphabet {
        let config = TokenizerConfig {
            vocab_size,
            ..TokenizerConfig::default()
        };
        let pieces: Vec<(String, u64)> = words
            .iter()
            .map(|&(word, count)| (word.to_owned(), count))
            .collect();
        Alphabet::new(Kind::Bpe, &config, &pieces).unwrap()
    }

    /// The merges by definition: count every pair anew before each merge.
    fn by_counting(alphabet: &Alphabet) -> Vec<String> {
        let mut tokens: Vec<String> = alphabet.characters.iter().map(char::to_string).collect();
        let mut words = alphabet.words.clone();
        while tokens.len() < alphabet.room {
            let mut counts: HashMap<Pair, u64> = HashMap::new();
            for (word, count) in &words {
                for pair in pairs_of(word) {
                    *counts.entry(pair).or_default() += count;
                }
            }
            let length = |token: u32| tokens[token as usize].chars().count();
            let best = counts
                .into_iter()
                .filter(|((left, right), _)| length(*left) + length(*right) <= LONGEST_TOKEN)
                .max_by_key(|&(pair, count)| (count, Reverse(pair)));
            let Some((pair, count)) = best else { break };
            if count < LEAST_FREQUENCY {
                break;
            }
            let spelling = format!("{}{}", tokens[pair.0 as usize], tokens[pair.1 as usize]);
            let known = tokens.iter().position(|token| *token == spelling);
            let token = known.unwrap_or(tokens.len());
            if known.is_none() {
                tokens.push(spelling);
            }
            for (word, _) in &mut words {
                *word = merge_in(word, pair, token as u32);
            }
        }
        tokens
    }

    #[test]
    fn the_commonest_pair_is_merged_first() {
        let words = [("low", 5), ("lower", 2), ("newest", 6), ("widest", 3)];
        let learned = learn(&alphabet(&words, 275), 1);
        let made: Vec<&str> = learned.tokens[11..].iter().map(String::as_str).collect();
        // "e s" and "s t" both occur 9 times; e is commoner than s and so has the smaller number.
        assert_eq!(made, ["es", "est", "lo", "low"]);
        assert_eq!(learned.merges.len(), 4);
    }

    #[test]
    fn tokens_stay_short_and_rare_pairs_apart() {
        let phrase = "abcdefghijklmnopqrstuvwxyz";
        let learned = learn(&alphabet(&[(phrase, 9)], 999), 1);
        assert!(
            learned
                .tokens
                .iter()
                .all(|token| token.len() <= LONGEST_TOKEN)
        );
        assert!(learned.merges.len() > 10);
        assert!(learn(&alphabet(&[(phrase, 1)], 999), 1).merges.is_empty());
        assert!(learn(&alphabet(&[(phrase, 9)], 999), 10).merges.is_empty());
    }

    proptest! {
        #[test]
        fn counts_kept_up_to_date_give_the_merges_by_definition(
            words in proptest::collection::vec(("[abc]{1,9}", 1u64..5), 1..20),
        ) {
            let words: Vec<(&str, u64)> = words.iter().map(|(w, n)| (w.as_str(), *n)).collect();
            let alphabet = alphabet(&words, 280);
            prop_assert_eq!(learn(&alphabet, 1).tokens, by_counting(&alphabet));
        }
    }
}
