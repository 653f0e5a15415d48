//! Finds the substrings that occur more than once, the candidates for pieces.

use std::cmp::Reverse;

/// A sequence of symbols and how often it occurs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Substring {
    pub(super) symbols: Vec<u32>,
    pub(super) count: u64,
}

/// The substrings of 2 to `longest` symbols that occur at least twice in `words` (each with its
/// number of occurrences), at most `limit` of them: those that cover the most text.
///
/// A substring that always goes on with the same symbol is left out for the longer one. Suffixes
/// are sorted; substrings are the common prefixes of neighbours (Abouelhoda et al. 2004).
pub(super) fn repeated(words: &[(Vec<u32>, u64)], longest: usize, limit: usize) -> Vec<Substring> {
    let mut suffixes: Vec<(&[u32], u64)> = Vec::new();
    for (word, count) in words {
        for start in 0..word.len() {
            let end = word.len().min(start + longest);
            suffixes.push((&word[start..end], *count));
        }
    }
    suffixes.sort_unstable();
    let mut found = Vec::new();
    let mut emit = |length: usize, start: usize, end: usize, sums: &[u64]| {
        let count = sums[end] - sums[start];
        if length >= 2 && count >= 2 {
            found.push((start, length, count));
        }
    };
    let mut sums = vec![0];
    for (_, count) in &suffixes {
        sums.push(sums[sums.len() - 1] + count);
    }
    // Open groups of neighbours: the length that they share and where the group starts.
    let mut open: Vec<(usize, usize)> = Vec::new();
    for place in 0..suffixes.len() {
        let shared = suffixes
            .get(place + 1)
            .map_or(0, |next| common_prefix(suffixes[place].0, next.0));
        let mut start = place;
        let own = suffixes[place].0.len();
        if open.last().is_none_or(|&(length, _)| length < own) {
            open.push((own, place));
        }
        while let Some(&(length, first)) = open.last() {
            if length <= shared {
                break;
            }
            open.pop();
            emit(length, first, place + 1, &sums);
            start = first;
        }
        if shared > 0 && open.last().is_none_or(|&(length, _)| length < shared) {
            open.push((shared, start));
        }
    }
    let mut substrings: Vec<Substring> = found
        .into_iter()
        .map(|(start, length, count)| Substring {
            symbols: suffixes[start].0[..length].to_vec(),
            count,
        })
        .collect();
    substrings.sort_unstable_by(|a, b| {
        let covered = |one: &Substring| Reverse(one.count * one.symbols.len() as u64);
        covered(a)
            .cmp(&covered(b))
            .then_with(|| a.symbols.cmp(&b.symbols))
    });
    substrings.truncate(limit);
    substrings
}

fn common_prefix(a: &[u32], b: &[u32]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Counts every substring, then leaves out those that always go on alike.
    fn by_counting(words: &[(Vec<u32>, u64)], longest: usize) -> BTreeMap<Vec<u32>, u64> {
        let mut counts: BTreeMap<Vec<u32>, u64> = BTreeMap::new();
        let mut next: BTreeMap<Vec<u32>, BTreeSet<Option<u32>>> = BTreeMap::new();
        for (word, count) in words {
            for start in 0..word.len() {
                for end in start + 1..=word.len().min(start + longest) {
                    let part = word[start..end].to_vec();
                    *counts.entry(part.clone()).or_default() += count;
                    let follower = word.get(end).copied().filter(|_| end - start < longest);
                    next.entry(part).or_default().insert(follower);
                }
            }
        }
        counts.retain(|part, count| {
            let goes_on = next[part].len() == 1 && next[part].iter().all(Option::is_some);
            part.len() >= 2 && *count >= 2 && !goes_on
        });
        counts
    }

    proptest! {
        #[test]
        fn sorting_suffixes_finds_what_counting_finds(
            words in proptest::collection::btree_map(
                proptest::collection::vec(0u32..3, 1..9), 1u64..4, 0..9),
        ) {
            let words: Vec<(Vec<u32>, u64)> = words.into_iter().collect();
            let found = repeated(&words, 4, usize::MAX);
            let length = found.len();
            let found: BTreeMap<Vec<u32>, u64> =
                found.into_iter().map(|one| (one.symbols, one.count)).collect();
            prop_assert_eq!(found.len(), length);
            prop_assert_eq!(found, by_counting(&words, 4));
        }
    }

    #[test]
    fn the_limit_keeps_what_covers_most() {
        let words = [(vec![1, 2, 3], 5), (vec![7, 8], 6)];
        let best = repeated(&words, 16, 1);
        assert_eq!(
            best,
            [Substring {
                symbols: vec![1, 2, 3],
                count: 5
            }]
        );
    }
}
