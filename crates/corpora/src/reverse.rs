//! Whole numbers to the same numbers backwards: a toy that needs attention once lines are long.
//!
//! The task of JoeyNMT (Kreutzer et al. 2019): 50,000 lines to learn from, each of 1 to 25 whole
//! numbers between 0 and 50, lengths and numbers all equally likely. Validation and test lines have
//! these lengths too; the unseen ones have 26 to 30 numbers. No line is in two splits, so that the 51
//! lines of a single number, all of which training shows, are in no other.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use random::Stream;

use super::split::{Divided, stream};
use super::{Link, Pair, Split};

const SEED: u64 = 19_972_014;
const SEED_20: u64 = 19_972_020;
/// Numbers are below this.
const NUMBERS: u32 = 51;
const TRAIN: usize = 50_000;
const HELD_OUT: usize = 1_000;

/// Lines of 1 to 25 numbers, and 26 to 30 where unseen.
pub(super) fn build() -> Divided {
    divide(SEED, 1..=25, Some(26..=30))
}

/// Number i of n is number n - 1 - i of the other side.
pub(super) fn links(pair: &Pair) -> Vec<Link> {
    let count = pair.source.split(' ').count();
    let link = |source| Link {
        source,
        target: count - 1 - source,
    };
    (0..count).map(link).collect()
}

/// Lines of exactly 20 numbers.
pub(super) fn build_20() -> Divided {
    divide(SEED_20, 20..=20, None)
}

fn divide(seed: u64, lengths: RangeInclusive<u32>, unseen: Option<RangeInclusive<u32>>) -> Divided {
    let mut train = Vec::with_capacity(TRAIN);
    let mut random = stream(seed, Split::Train);
    train.extend((0..TRAIN).map(|_| draw(&mut random, &lengths)));
    let mut seen: HashSet<Vec<u32>> = train.iter().cloned().collect();
    let mut held_out = |split, lengths: &RangeInclusive<u32>| {
        let mut random = stream(seed, split);
        let mut lines = Vec::with_capacity(HELD_OUT);
        while lines.len() < HELD_OUT {
            let line = draw(&mut random, lengths);
            if seen.insert(line.clone()) {
                lines.push(line);
            }
        }
        (split, lines)
    };
    let mut divided = vec![
        held_out(Split::Valid, &lengths),
        held_out(Split::Test, &lengths),
    ];
    divided.extend(unseen.map(|lengths| held_out(Split::Unseen, &lengths)));
    divided.push((Split::Train, train));
    let pairs = |lines: Vec<Vec<u32>>| lines.iter().map(|line| pair(line)).collect();
    divided
        .into_iter()
        .map(|(split, lines)| (split, pairs(lines)))
        .collect()
}

fn draw(random: &mut Stream, lengths: &RangeInclusive<u32>) -> Vec<u32> {
    let length = lengths.start() + random.below(lengths.end() - lengths.start() + 1);
    (0..length).map(|_| random.below(NUMBERS)).collect()
}

fn pair(line: &[u32]) -> Pair {
    let words: Vec<String> = line.iter().map(u32::to_string).collect();
    let backwards: Vec<&str> = words.iter().rev().map(String::as_str).collect();
    Pair::new(words.join(" "), backwards.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<u32> {
        text.split(' ').map(|word| word.parse().unwrap()).collect()
    }

    #[test]
    fn targets_are_their_sources_backwards() {
        for (split, pairs) in build().into_iter().chain(build_20()) {
            for pair in pairs {
                let mut back = numbers(&pair.target);
                back.reverse();
                assert_eq!(back, numbers(&pair.source), "{split}");
                assert!(back.iter().all(|&number| number < NUMBERS));
            }
        }
    }

    #[test]
    fn splits_have_their_sizes_and_lengths() {
        let check = |divided: &Divided, split, size, lengths: RangeInclusive<usize>| {
            let pairs = &divided[&split];
            assert_eq!(pairs.len(), size, "{split}");
            let found: HashSet<usize> = pairs.iter().map(|p| numbers(&p.source).len()).collect();
            let expected: HashSet<usize> = lengths.collect();
            assert_eq!(found, expected, "{split}");
        };
        let divided = build();
        check(&divided, Split::Train, 50_000, 1..=25);
        check(&divided, Split::Valid, 1_000, 2..=25);
        check(&divided, Split::Test, 1_000, 2..=25);
        check(&divided, Split::Unseen, 1_000, 26..=30);
        let divided = build_20();
        check(&divided, Split::Train, 50_000, 20..=20);
        check(&divided, Split::Valid, 1_000, 20..=20);
        check(&divided, Split::Test, 1_000, 20..=20);
        assert!(!divided.contains_key(&Split::Unseen));
    }

    #[test]
    fn it_is_the_same_each_time_and_every_number_is_shown() {
        let divided = build();
        assert_eq!(divided, build());
        let train = &divided[&Split::Train];
        let shown: HashSet<u32> = train.iter().flat_map(|p| numbers(&p.source)).collect();
        assert_eq!(shown, (0..NUMBERS).collect());
        // Chi-square of the lengths with 24 degrees of freedom: 51.2 is exceeded once in a thousand.
        let mut counts = [0u32; 25];
        for pair in train {
            counts[numbers(&pair.source).len() - 1] += 1;
        }
        let expected = TRAIN as f64 / 25.0;
        let squared: f64 = counts
            .iter()
            .map(|&count| (f64::from(count) - expected).powi(2) / expected)
            .sum();
        assert!(squared < 51.2, "{counts:?}");
    }
}
