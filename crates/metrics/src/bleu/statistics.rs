//! The counts that a BLEU score is a function of. They add up over sentences.

use std::ops::AddAssign;

use super::MAX_ORDER;
use crate::ngram::WordNgrams;

/// Counts of one sentence or of a whole corpus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Statistics {
    pub(super) hypothesis_length: usize,
    pub(super) reference_length: usize,
    /// Clipped matches of the orders 1 to 4.
    pub(super) matches: [usize; MAX_ORDER],
    /// N-grams of the hypothesis of the orders 1 to 4.
    pub(super) totals: [usize; MAX_ORDER],
}

impl Statistics {
    /// Counts one sentence against its references, of which there must be at least one.
    pub(super) fn of(hypothesis: &WordNgrams, references: &[WordNgrams]) -> Self {
        let length = hypothesis.length();
        Self {
            hypothesis_length: length,
            // The closest length counts; of two equally close ones, the shorter.
            reference_length: references
                .iter()
                .map(WordNgrams::length)
                .min_by_key(|&reference| (reference.abs_diff(length), reference))
                .unwrap_or(0),
            matches: std::array::from_fn(|index| hypothesis.matches(references, index + 1)),
            totals: std::array::from_fn(|index| hypothesis.total(index + 1)),
        }
    }
}

impl AddAssign for Statistics {
    fn add_assign(&mut self, other: Self) {
        self.hypothesis_length += other.hypothesis_length;
        self.reference_length += other.reference_length;
        for order in 0..MAX_ORDER {
            self.matches[order] += other.matches[order];
            self.totals[order] += other.totals[order];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_close_lengths_the_shorter_counts() {
        let [two, three, four, nine] = [2, 3, 4, 9].map(|length| WordNgrams::new(&vec![1; length]));
        let statistics = Statistics::of(&three, &[nine, four, two]);
        assert_eq!(statistics.reference_length, 2);
        assert_eq!(statistics.matches, [3, 2, 1, 0]);
        assert_eq!(statistics.totals, [3, 2, 1, 0]);
    }
}
