//! Counting and matching n-grams of all orders with one sort and no hashing.
//!
//! The window of `LONGEST` items that starts at each position is packed into one integer, the first
//! item in the highest bits. Sorting these windows sorts, for every order n, their prefixes of n items
//! too, so equal n-grams of any order lie side by side.

/// All n-grams of one sequence, of the orders 1 to `LONGEST`, whose items are integers of `BITS` bits.
#[derive(Debug)]
pub(crate) struct Ngrams<const BITS: u32, const LONGEST: usize> {
    /// One window a position, ascending. Windows that run past the end are filled up with 0.
    windows: Vec<u128>,
}

/// N-grams of words, by their number in a [`crate::vocabulary::Vocabulary`].
pub(crate) type WordNgrams = Ngrams<32, 4>;

/// N-grams of characters, by code point plus 1.
pub(crate) type CharacterNgrams = Ngrams<21, 6>;

impl<const BITS: u32, const LONGEST: usize> Ngrams<BITS, LONGEST> {
    const FIT: () = assert!(BITS * LONGEST as u32 <= u128::BITS);

    /// Counts the n-grams of `items`, each at least 1 and below 2^`BITS`.
    pub(crate) fn new(items: &[u32]) -> Self {
        let () = Self::FIT;
        let mut window = 0;
        let mut windows: Vec<u128> = items
            .iter()
            .rev()
            .map(|&item| {
                debug_assert!(item > 0 && u64::from(item) < 1 << BITS);
                window = (u128::from(item) << (BITS * (LONGEST as u32 - 1))) | (window >> BITS);
                window
            })
            .collect();
        windows.sort_unstable();
        Self { windows }
    }

    /// Number of items in the sequence.
    pub(crate) fn length(&self) -> usize {
        self.windows.len()
    }

    /// Number of n-grams of this order, repeated ones counted each time.
    pub(crate) fn total(&self, order: usize) -> usize {
        (self.windows.len() + 1).saturating_sub(order)
    }

    /// The distinct n-grams of this order, ascending, with their counts.
    fn counts(&self, order: usize) -> impl Iterator<Item = (u128, usize)> {
        let shift = BITS * (LONGEST - order) as u32;
        let last_item = (1_u128 << BITS) - 1;
        self.windows
            .chunk_by(move |left, right| left >> shift == right >> shift)
            .map(move |run| (run[0] >> shift, run.len()))
            // An n-gram whose last item is 0 ran past the end.
            .filter(move |(ngram, _)| ngram & last_item != 0)
    }

    /// How many n-grams of this order are also in the references, each counted at most as often as it
    /// occurs in the one reference that has it most often (the clipped count of Papineni et al. 2002,
    /// section 2.1).
    pub(crate) fn matches(&self, references: &[Self], order: usize) -> usize {
        let mut cursors: Vec<_> = references
            .iter()
            .map(|reference| reference.counts(order).peekable())
            .collect();
        self.counts(order)
            .map(|(ngram, count)| {
                let allowed = cursors.iter_mut().map(|cursor| {
                    while cursor.next_if(|(other, _)| *other < ngram).is_some() {}
                    cursor
                        .next_if(|(other, _)| *other == ngram)
                        .map_or(0, |(_, count)| count)
                });
                count.min(allowed.max().unwrap_or(0))
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn counted(items: &[u32], order: usize) -> HashMap<&[u32], usize> {
        let mut counts = HashMap::new();
        for ngram in items.windows(order) {
            *counts.entry(ngram).or_default() += 1;
        }
        counts
    }

    proptest! {
        #[test]
        fn matches_equal_those_of_hash_maps(
            hypothesis in prop::collection::vec(1_u32..5, 0..24),
            references in prop::collection::vec(prop::collection::vec(1_u32..5, 0..24), 1..4),
        ) {
            let ngrams = WordNgrams::new(&hypothesis);
            let reference_ngrams: Vec<_> =
                references.iter().map(|reference| WordNgrams::new(reference)).collect();
            for order in 1..=4 {
                let in_references: Vec<_> =
                    references.iter().map(|reference| counted(reference, order)).collect();
                let expected: usize = counted(&hypothesis, order)
                    .iter()
                    .map(|(ngram, &count)| {
                        let allowed = in_references
                            .iter()
                            .map(|counts| counts.get(ngram).copied().unwrap_or(0));
                        count.min(allowed.max().unwrap_or(0))
                    })
                    .sum();
                prop_assert_eq!(ngrams.matches(&reference_ngrams, order), expected);
                prop_assert_eq!(ngrams.total(order), hypothesis.windows(order).count());
            }
        }
    }

    #[test]
    fn the_largest_items_do_not_spill() {
        let largest = char::MAX as u32 + 1;
        let ngrams = CharacterNgrams::new(&[largest; 7]);
        let other =
            CharacterNgrams::new(&[largest, largest, largest, largest, largest, largest, 1]);
        assert_eq!(ngrams.matches(&[other], 6), 1);
        let words = WordNgrams::new(&[u32::MAX; 5]);
        assert_eq!(words.matches(&[WordNgrams::new(&[u32::MAX; 4])], 4), 1);
    }
}
