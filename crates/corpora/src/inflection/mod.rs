//! Features and a Turkish word to its inflected form, in the manner of the SIGMORPHON shared tasks.
//!
//! A source is a row of tokens between spaces: the features, named as UniMorph names them where it
//! has a name, and the letters of the dictionary form; the target is the inflected word.
//!
//! ```text
//! N ACC PL PSS1S k i t a p      kitaplarımı     (my books, as an object)
//! V NEG AOR 1 SG g e l m e k    gelmem          (I do not come)
//! ```
//!
//! Endings follow vowel harmony and the last sound of what they join; `nouns.tsv` and `verbs.tsv` say
//! what no rule can: which stems change before a vowel (kitap, kitabı, but top, topu), which have front
//! endings after a back vowel (saat, saati), which short verbs have the aorist in -Ir (gelir, but
//! güler). The words of unseen pairs are in no other split, so that such things can only be guessed
//! there; validation and test have new forms of known words.

mod lemma;
mod noun;
mod stem;
mod verb;

use random::Stream;

use super::split::{Divided, stream};
use super::{Pair, Split};
use lemma::Lemma;

const SEED: u64 = 20_160_811;
/// How many forms are drawn for each split of those that its words have.
const SIZES: [(Split, usize); 3] = [
    (Split::Valid, 1_000),
    (Split::Test, 1_000),
    (Split::Train, 20_000),
];
const UNSEEN: usize = 1_000;
/// One in so many words is held out of all but the unseen split.
const HELD_OUT_ONE_IN: usize = 8;

/// The pairs of all splits.
pub(super) fn build() -> Divided {
    let mut lemmas = match lemma::all() {
        Ok(lemmas) => lemmas,
        // The files are compiled in, and a test reads them: no user can see this.
        Err(error) => panic!("the built-in Turkish words are broken: {error}"),
    };
    let mut random = stream(SEED, Split::Unseen);
    random.shuffle(&mut lemmas);
    let known = lemmas.split_off(lemmas.len() / HELD_OUT_ONE_IN);
    let unseen = forms(&lemmas, &mut random).into_iter().take(UNSEEN);
    let mut known = forms(&known, &mut random).into_iter();
    let mut divided: Divided = SIZES
        .map(|(split, size)| (split, known.by_ref().take(size).collect()))
        .into();
    divided.insert(Split::Unseen, unseen.collect());
    divided
}

/// Every form of every word, in a random order.
fn forms(lemmas: &[Lemma], random: &mut Stream) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = lemmas
        .iter()
        .flat_map(|lemma| {
            let letters: Vec<String> = lemma.citation().chars().map(String::from).collect();
            let pair = move |(features, form): (String, String)| {
                Pair::new(format!("{features} {}", letters.join(" ")), form)
            };
            lemma.forms().into_iter().map(pair)
        })
        .collect();
    random.shuffle(&mut pairs);
    pairs
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// The dictionary form in a source: its tokens of a single small letter.
    fn word(pair: &Pair) -> String {
        let tokens = pair.source.split(' ');
        let letters = tokens.filter(|token| token.chars().all(char::is_lowercase));
        letters.collect()
    }

    #[test]
    fn splits_have_their_sizes_and_are_the_same_each_time() {
        let divided = build();
        assert_eq!(divided, build());
        for (split, size) in SIZES.into_iter().chain([(Split::Unseen, UNSEEN)]) {
            assert_eq!(divided[&split].len(), size, "{split}");
        }
    }

    #[test]
    fn unseen_words_are_in_no_other_split_and_all_others_in_training() {
        let divided = build();
        let words =
            |split: Split| -> HashSet<String> { divided[&split].iter().map(word).collect() };
        let train = words(Split::Train);
        assert_eq!(train.intersection(&words(Split::Unseen)).next(), None);
        for split in [Split::Valid, Split::Test] {
            assert!(words(split).is_subset(&train), "{split}");
        }
    }

    #[test]
    fn training_shows_every_feature_and_letter() {
        let divided = build();
        let tokens = |split: Split| -> HashSet<&str> {
            divided[&split]
                .iter()
                .flat_map(|pair| pair.source.split(' '))
                .collect()
        };
        let train = tokens(Split::Train);
        for split in Split::ALL {
            let new: Vec<_> = tokens(split).difference(&train).copied().collect();
            assert!(new.is_empty(), "{split}: {new:?}");
        }
        for feature in "N V ACC DAT LOC ABL GEN SG PL PSS1S PSS3P NEG AOR PROG 1 2 3".split(' ') {
            assert!(train.contains(feature), "{feature}");
        }
    }
}
