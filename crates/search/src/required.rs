//! How much of the phrases that it must contain a hypothesis has said.

/// A phrase, and for each of its beginnings how long the longest beginning is that it also ends in (Knuth, Morris
/// and Pratt 1977).
#[derive(Debug)]
struct Phrase {
    words: Vec<u32>,
    falls: Vec<usize>,
}

/// The phrases of a sentence.
#[derive(Debug, Default)]
pub(super) struct Required {
    phrases: Vec<Phrase>,
    total: usize,
}

/// How many words of each phrase a hypothesis ends in; all of them once it has contained the phrase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Progress(Vec<usize>);

impl Phrase {
    fn new(words: &[u32]) -> Self {
        let mut falls = vec![0; words.len()];
        let mut matched = 0;
        for place in 1..words.len() {
            while matched > 0 && words[matched] != words[place] {
                matched = falls[matched - 1];
            }
            matched += usize::from(words[matched] == words[place]);
            falls[place] = matched;
        }
        Self {
            words: words.to_vec(),
            falls,
        }
    }

    /// How many words match after `word`, if `matched` did before.
    fn advance(&self, mut matched: usize, word: u32) -> usize {
        if matched == self.words.len() {
            return matched;
        }
        while matched > 0 && self.words[matched] != word {
            matched = self.falls[matched - 1];
        }
        matched + usize::from(self.words[matched] == word)
    }
}

impl Required {
    /// Phrases without words ask for nothing.
    pub(super) fn new(phrases: &[Vec<u32>]) -> Self {
        let phrases: Vec<Phrase> = phrases
            .iter()
            .filter(|words| !words.is_empty())
            .map(|words| Phrase::new(words))
            .collect();
        Self {
            total: phrases.iter().map(|phrase| phrase.words.len()).sum(),
            phrases,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }

    /// Words of all phrases.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// The number of phrases.
    pub(super) fn count(&self) -> usize {
        self.phrases.len()
    }

    /// How many phrases have not been said.
    pub(super) fn left(&self, progress: &Progress) -> usize {
        self.open(progress).count()
    }

    /// Nothing said.
    pub(super) fn start(&self) -> Progress {
        Progress(vec![0; self.phrases.len()])
    }

    /// Returns the progress after `word`.
    pub(super) fn advance(&self, progress: &Progress, word: u32) -> Progress {
        let places = self.phrases.iter().zip(&progress.0);
        Progress(
            places
                .map(|(phrase, &matched)| phrase.advance(matched, word))
                .collect(),
        )
    }

    /// The phrases that have not been said, and how many words of each have.
    fn open(&self, progress: &Progress) -> impl Iterator<Item = (&Phrase, usize)> {
        let places = self.phrases.iter().zip(progress.0.clone());
        places.filter(|(phrase, matched)| *matched < phrase.words.len())
    }

    /// So many words are enough to say the rest. Of the phrases begun only the longest part counts as said: the
    /// others may be lost when it is gone on with. Going on with it always makes this less.
    pub(super) fn need(&self, progress: &Progress) -> usize {
        let begun = self.open(progress).map(|(_, matched)| matched).max();
        self.need_anew(progress) - begun.unwrap_or(0)
    }

    /// So many words are enough after a word that goes on with no phrase.
    pub(super) fn need_anew(&self, progress: &Progress) -> usize {
        self.open(progress)
            .map(|(phrase, _)| phrase.words.len())
            .sum()
    }

    /// The words of the phrases that have not been said, each once. Any other word goes on with none.
    pub(super) fn missing(&self, progress: &Progress) -> Vec<u32> {
        let mut words = Vec::new();
        for word in self.open(progress).flat_map(|(phrase, _)| &phrase.words) {
            if !words.contains(word) {
                words.push(*word);
            }
        }
        words
    }

    /// The words that go on with a phrase, each once.
    pub(super) fn steps(&self, progress: &Progress) -> Vec<u32> {
        let mut steps = Vec::new();
        for (phrase, matched) in self.open(progress) {
            let word = phrase.words[matched];
            if !steps.contains(&word) {
                steps.push(word);
            }
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn phrases() -> impl Strategy<Value = Vec<Vec<u32>>> {
        prop::collection::vec(prop::collection::vec(0u32..3, 0..4), 0..4)
    }

    proptest! {
        #[test]
        fn what_is_contained_needs_no_more(
            phrases in phrases(),
            words in prop::collection::vec(0u32..3, 0..12),
        ) {
            let required = Required::new(&phrases);
            let mut progress = required.start();
            for &word in &words {
                progress = required.advance(&progress, word);
            }
            let contained = |phrase: &Vec<u32>| {
                phrase.is_empty() || words.windows(phrase.len()).any(|part| part == phrase)
            };
            prop_assert_eq!(required.need(&progress) == 0, phrases.iter().all(contained));
            prop_assert_eq!(required.need(&progress) == 0, required.steps(&progress).is_empty());
        }

        #[test]
        fn some_step_always_makes_the_need_less(
            phrases in phrases(),
            words in prop::collection::vec(0u32..3, 0..12),
        ) {
            let required = Required::new(&phrases);
            let mut progress = required.start();
            for &word in &words {
                progress = required.advance(&progress, word);
            }
            let need = required.need(&progress);
            let after = |&word: &u32| required.need(&required.advance(&progress, word));
            prop_assert!(need == 0 || required.steps(&progress).iter().map(after).min() < Some(need));
        }
    }
}
