//! Constraints on translations: how they begin, and phrases that they must or must not contain.

/// Constraints on one sentence's translations. Words are ids of the target vocabulary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Constraints {
    /// How they begin.
    pub prefix: Vec<u32>,
    /// Phrases that they contain; by beam and exhaustive search only.
    pub required: Vec<Vec<u32>>,
    /// Phrases that they do not contain, except within the prefix.
    pub forbidden: Vec<Vec<u32>>,
}

impl Constraints {
    /// Whether they ask for nothing.
    pub fn is_empty(&self) -> bool {
        self.prefix.is_empty() && self.required.is_empty() && self.forbidden.is_empty()
    }

    /// Whether `words` contain all phrases that they must contain.
    pub fn are_met(&self, words: &[u32]) -> bool {
        let contained = |phrase: &Vec<u32>| {
            phrase.is_empty() || words.windows(phrase.len()).any(|part| part == phrase)
        };
        self.required.iter().all(contained)
    }
}
