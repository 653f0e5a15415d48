//! The share of words that come out wrong, where a word may have several right answers.

use std::collections::HashMap;

use crate::{MetricError, corpus};

/// How many words there are and how many of them came out wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordErrors {
    /// Distinct sources.
    pub words: usize,
    /// Those whose hypothesis equals none of their references.
    pub wrong: usize,
}

impl WordErrors {
    /// Counts words as grapheme-to-phoneme conversion does: pairs with the same source are one word
    /// with several references, and a word is right if its hypothesis equals any of them, character
    /// for character but for white space at the ends. The hypothesis of a word is that of its first
    /// pair.
    ///
    /// This is not the word error rate of speech recognition, which counts edits within a sentence.
    ///
    /// # Errors
    /// When the three sides differ in length or are empty.
    pub fn count<S: AsRef<str>, H: AsRef<str>, R: AsRef<str>>(
        sources: &[S],
        hypotheses: &[H],
        references: &[R],
    ) -> Result<Self, MetricError> {
        corpus::check(hypotheses.len(), references.len())?;
        corpus::check(hypotheses.len(), sources.len())?;
        let mut words: HashMap<&str, (&str, bool)> = HashMap::new();
        let pairs = sources.iter().zip(hypotheses).zip(references);
        for ((source, hypothesis), reference) in pairs {
            let (hypothesis, right) = words
                .entry(source.as_ref().trim())
                .or_insert((hypothesis.as_ref().trim(), false));
            *right |= *hypothesis == reference.as_ref().trim();
        }
        let wrong = words.values().filter(|(_, right)| !right).count();
        Ok(Self {
            words: words.len(),
            wrong,
        })
    }

    /// The word error rate, from 0 to 1.
    pub fn rate(self) -> f64 {
        self.wrong as f64 / self.words.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact_match;
    use proptest::prelude::*;

    #[test]
    fn a_word_is_right_if_it_equals_any_of_its_references() {
        let errors = WordErrors::count(
            &["READ", "LIVE", "READ", "CAT", "DOG"],
            &["R EH D", "L IH V", "R EH D", "K AE T ", "D AO"],
            &["R IY D", "L AY V", "R EH D", " K AE T", "D AO G"],
        )
        .unwrap();
        assert_eq!(errors, WordErrors { words: 4, wrong: 2 });
        assert_eq!(errors.rate(), 0.5);
    }

    #[test]
    fn each_source_counts_once_however_many_references_it_has() {
        let sources = ["A", "A", "A", "B"];
        let errors = WordErrors::count(&sources, &["x", "x", "x", "y"], &["1", "2", "3", "y"]);
        assert_eq!(errors, Ok(WordErrors { words: 2, wrong: 1 }));
    }

    #[test]
    fn sides_must_pair_up() {
        let none: [&str; 0] = [];
        assert_eq!(
            WordErrors::count(&none, &none, &none),
            Err(MetricError::EmptyCorpus)
        );
        let short = WordErrors::count(&["a"], &["x", "y"], &["x", "y"]);
        assert!(matches!(short, Err(MetricError::DifferentLengths { .. })));
    }

    proptest! {
        #[test]
        fn with_one_reference_each_it_is_what_exact_match_leaves(
            lines in prop::collection::vec(("[ab]{0,2}", "[ab]{0,2}"), 1..20),
        ) {
            let sources: Vec<String> = (0..lines.len()).map(|line| line.to_string()).collect();
            let (hypotheses, references): (Vec<_>, Vec<_>) = lines.into_iter().unzip();
            let errors = WordErrors::count(&sources, &hypotheses, &references).unwrap();
            let exact = exact_match(&hypotheses, &references).unwrap();
            prop_assert!((errors.rate() + exact - 1.0).abs() < 1e-12);
        }
    }
}
