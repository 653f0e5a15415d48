//! The counts that a chrF score is a function of. They add up over sentences.

use std::ops::AddAssign;

use super::CHARACTER_ORDER;
use crate::ngram::{CharacterNgrams, Ngrams, WordNgrams};

/// The longest word n-grams that count, in chrF++.
const MAX_WORD_ORDER: usize = 2;

/// The n-grams of one line.
pub(super) struct Line {
    pub(super) characters: CharacterNgrams,
    /// Without words in plain chrF.
    pub(super) words: WordNgrams,
}

/// Counts of one n-gram order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct OrderCounts {
    pub(super) hypothesis: usize,
    pub(super) reference: usize,
    pub(super) matches: usize,
}

impl OrderCounts {
    fn of<const BITS: u32, const LONGEST: usize>(
        hypothesis: &Ngrams<BITS, LONGEST>,
        reference: &Ngrams<BITS, LONGEST>,
        order: usize,
    ) -> Self {
        let in_reference = reference.total(order);
        Self {
            // sacreBLEU counts nothing where the reference is too short for this order.
            hypothesis: if in_reference == 0 {
                0
            } else {
                hypothesis.total(order)
            },
            reference: in_reference,
            matches: hypothesis.matches(std::slice::from_ref(reference), order),
        }
    }
}

/// Counts of one sentence or of a whole corpus: six orders of characters, then two of words, which
/// stay 0 in plain chrF.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Statistics {
    orders: [OrderCounts; CHARACTER_ORDER + MAX_WORD_ORDER],
}

impl Statistics {
    /// Counts one sentence against one reference.
    pub(super) fn of(hypothesis: &Line, reference: &Line) -> Self {
        let mut orders = [OrderCounts::default(); CHARACTER_ORDER + MAX_WORD_ORDER];
        for (index, counts) in orders.iter_mut().enumerate() {
            *counts = match index.checked_sub(CHARACTER_ORDER) {
                None => OrderCounts::of(&hypothesis.characters, &reference.characters, index + 1),
                Some(index) => OrderCounts::of(&hypothesis.words, &reference.words, index + 1),
            };
        }
        Self { orders }
    }

    /// The F-score in percent: precision and recall are each averaged over the orders both sides
    /// have, then combined with recall counted `beta` times as much (Popović 2015, equation 1).
    pub(super) fn f_score(&self, beta: u32) -> f64 {
        let (mut precision, mut recall, mut present) = (0.0, 0.0, 0.0);
        for counts in &self.orders {
            if counts.hypothesis > 0 && counts.reference > 0 {
                precision += counts.matches as f64 / counts.hypothesis as f64;
                recall += counts.matches as f64 / counts.reference as f64;
                present += 1.0;
            }
        }
        if precision + recall == 0.0 {
            return 0.0;
        }
        precision /= present;
        recall /= present;
        let factor = f64::from(beta * beta);
        100.0 * ((1.0 + factor) * precision * recall / (factor * precision + recall))
    }
}

impl AddAssign for Statistics {
    fn add_assign(&mut self, other: Self) {
        for (counts, other) in self.orders.iter_mut().zip(other.orders) {
            counts.hypothesis += other.hypothesis;
            counts.reference += other.reference;
            counts.matches += other.matches;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(characters: &[u32]) -> Line {
        Line {
            characters: CharacterNgrams::new(characters),
            words: WordNgrams::new(&[]),
        }
    }

    #[test]
    fn orders_the_reference_lacks_do_not_count() {
        let statistics = Statistics::of(&line(&[1, 2, 3]), &line(&[1]));
        assert_eq!(
            statistics.orders[0],
            OrderCounts {
                hypothesis: 3,
                reference: 1,
                matches: 1
            }
        );
        assert_eq!(statistics.orders[1], OrderCounts::default());
        let expected = 100.0 * (5.0 / 3.0) / (4.0 / 3.0 + 1.0);
        assert!((statistics.f_score(2) - expected).abs() < 1e-12);
    }

    #[test]
    fn nothing_in_common_scores_0() {
        assert_eq!(Statistics::of(&line(&[1]), &line(&[2])).f_score(2), 0.0);
        assert_eq!(Statistics::of(&line(&[]), &line(&[2])).f_score(2), 0.0);
        assert_eq!(Statistics::default().f_score(2), 0.0);
    }
}
