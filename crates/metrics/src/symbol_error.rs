//! How many symbols (words, phones or characters) have to be changed to turn hypotheses into their references.

use crate::{MetricError, corpus};

/// The edits of a corpus, counted in symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SymbolErrors {
    /// Symbols of the references.
    pub symbols: usize,
    /// Symbols to insert, remove or replace (Levenshtein 1966), summed over the lines.
    pub edits: usize,
}

impl SymbolErrors {
    /// Counts edits line by line. Symbols are what white space parts, as words and phones are written; where at least
    /// half of the references hold no white space (words by themselves, Chinese), they are characters.
    ///
    /// # Errors
    /// When the two sides differ in length or are empty.
    pub fn count<H: AsRef<str>, R: AsRef<str>>(
        hypotheses: &[H],
        references: &[R],
    ) -> Result<Self, MetricError> {
        corpus::check(hypotheses.len(), references.len())?;
        let is_parted = |line: &str| line.trim().contains(char::is_whitespace);
        let parted = references.iter().filter(|line| is_parted(line.as_ref()));
        let by_space = 2 * parted.count() > references.len();
        let mut errors = Self {
            symbols: 0,
            edits: 0,
        };
        for (hypothesis, reference) in hypotheses.iter().zip(references) {
            let (hypothesis, reference) = (hypothesis.as_ref(), reference.as_ref());
            let (symbols, edits) = match by_space {
                true => {
                    let reference: Vec<&str> = reference.split_whitespace().collect();
                    let hypothesis: Vec<&str> = hypothesis.split_whitespace().collect();
                    (reference.len(), distance(&hypothesis, &reference))
                }
                false => {
                    let characters = |line: &str| line.trim().chars().collect::<Vec<char>>();
                    let reference = characters(reference);
                    (
                        reference.len(),
                        distance(&characters(hypothesis), &reference),
                    )
                }
            };
            errors.symbols += symbols;
            errors.edits += edits;
        }
        Ok(errors)
    }

    /// Edits for each symbol of the references; above 1 where more is wrong than there is.
    pub fn rate(self) -> f64 {
        self.edits as f64 / self.symbols.max(1) as f64
    }
}

/// The least number of insertions, removals and replacements.
fn distance<T: PartialEq>(from: &[T], to: &[T]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (count, one) in (1..).zip(from) {
        let mut diagonal = row[0];
        row[0] = count;
        for (place, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(one != other);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn errors(hypotheses: &[&str], references: &[&str]) -> (usize, usize) {
        let errors = SymbolErrors::count(hypotheses, references).unwrap();
        (errors.symbols, errors.edits)
    }

    #[test]
    fn phones_and_words_are_parted_by_spaces() {
        assert_eq!(
            errors(&["R EH D", "K AE"], &["R IY D", "K AE T"]),
            (6, 1 + 1)
        );
        assert_eq!(errors(&["t_h N", ""], &["N t_h", "a b"]), (4, 2 + 2));
    }

    #[test]
    fn words_alone_are_counted_in_characters() {
        assert_eq!(errors(&["kitten"], &["sitting"]), (7, 3));
        assert_eq!(errors(&["你好", "a b"], &["您好吗", "ab"]), (5, 2 + 1));
    }

    proptest! {
        #[test]
        fn it_is_a_distance(a in "[ab]{0,6}", b in "[ab]{0,6}", c in "[ab]{0,6}") {
            let between = |x: &str, y: &str| {
                let [x, y] = [x, y].map(|text| text.chars().collect::<Vec<char>>());
                distance(&x, &y)
            };
            prop_assert_eq!(between(&a, &b) == 0, a == b);
            prop_assert_eq!(between(&a, &b), between(&b, &a));
            prop_assert!(between(&a, &c) <= between(&a, &b) + between(&b, &c));
            prop_assert!(between(&a, &b) <= a.len().max(b.len()));
            prop_assert!(between(&a, &b) >= a.len().abs_diff(b.len()));
        }
    }
}
