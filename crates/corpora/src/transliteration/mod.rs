//! Greek words in Latin letters, by the transcription of ELOT 743.
//!
//! That is the system that the United Nations recommend for Greek names (resolution V/19, 1987) and the
//! second type of ISO 843. What a letter becomes depends on its neighbours: αυ is av or af, μπ is b at
//! the ends of a word and mp within. Reading it backwards would be guesswork: i is ι or η, o is ο or ω.
//!
//! Sources are one to four words in some form, of the stems and endings of `words.txt`. The stems of
//! unseen pairs are in no other split; test and validation have new combinations of known stems.

mod scheme;
mod words;

use std::collections::HashSet;

use random::Stream;

use super::split::{Divided, pick, stream};
use super::{Pair, Split};
use words::{Stem, parse};

const SEED: u64 = 20_010_743;
const SIZES: [(Split, usize); 4] = [
    (Split::Train, 20_000),
    (Split::Valid, 1_000),
    (Split::Test, 1_000),
    (Split::Unseen, 1_000),
];
/// One in so many stems is held out of all but the unseen split.
const HELD_OUT_ONE_IN: usize = 8;
/// How many words a source has, each as likely.
const LENGTHS: [usize; 6] = [1, 2, 2, 3, 3, 4];

/// The pairs of all splits.
pub(super) fn build() -> Divided {
    let mut stems = match parse(include_str!("words.txt")) {
        Ok(stems) => stems,
        // The file is compiled in, and a test reads it: no user can see this.
        Err(error) => panic!("the built-in Greek words are broken: {error}"),
    };
    stream(SEED, Split::Unseen).shuffle(&mut stems);
    let known = stems.split_off(stems.len() / HELD_OUT_ONE_IN);
    let mut seen = HashSet::new();
    let split = |(split, size)| {
        let stems = if split == Split::Unseen {
            &stems
        } else {
            &known
        };
        let mut random = stream(SEED, split);
        let mut pairs = Vec::with_capacity(size);
        while pairs.len() < size {
            let source = phrase(stems, &mut random);
            if seen.insert(source.clone()) {
                let target = scheme::latin(&source);
                pairs.push(Pair::new(source, target));
            }
        }
        (split, pairs)
    };
    SIZES.map(split).into()
}

/// Some words in a row.
fn phrase(stems: &[Stem], random: &mut Stream) -> String {
    let words: Vec<String> = (0..*pick(random, &LENGTHS))
        .map(|_| {
            let stem = pick(random, stems);
            let word = pick(random, &stem.forms).clone();
            match random.below(4) {
                0 => capitalised(&word),
                _ => word,
            }
        })
        .collect();
    words.join(" ")
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_have_their_sizes_and_are_the_same_each_time() {
        let divided = build();
        assert_eq!(divided, build());
        for (split, size) in SIZES {
            assert_eq!(divided[&split].len(), size, "{split}");
        }
    }

    #[test]
    fn unseen_words_are_in_no_other_split() {
        let divided = build();
        let words = |split: Split| -> HashSet<String> {
            let pairs = divided[&split].iter();
            pairs
                .flat_map(|pair| pair.source.split(' ').map(str::to_lowercase))
                .collect()
        };
        let (train, unseen) = (words(Split::Train), words(Split::Unseen));
        assert_eq!(train.intersection(&unseen).next(), None);
        assert!(words(Split::Test).is_subset(&train));
        assert!(train.len() > 2_000, "{}", train.len());
    }

    #[test]
    fn targets_are_latin_and_training_shows_every_letter_of_the_others() {
        let divided = build();
        let letters = |split: Split, side: fn(&Pair) -> &str| -> HashSet<char> {
            divided[&split]
                .iter()
                .flat_map(|pair| side(pair).chars())
                .collect()
        };
        let latin =
            |letter: char| letter.is_ascii_alphabetic() || "áéíóúýï ÁÉÍÓÚÝ".contains(letter);
        let sides: [fn(&Pair) -> &str; 2] = [|pair| &pair.source, |pair| &pair.target];
        for side in sides {
            let train = letters(Split::Train, side);
            for split in [Split::Valid, Split::Test, Split::Unseen] {
                let others = letters(split, side);
                let new: Vec<_> = others.difference(&train).collect();
                assert!(new.is_empty(), "{split}: {new:?}");
            }
        }
        for split in Split::ALL {
            let strange: Vec<char> = letters(split, |pair| &pair.target)
                .into_iter()
                .filter(|&letter| !latin(letter))
                .collect();
            assert!(strange.is_empty(), "{split}: {strange:?}");
        }
    }
}
