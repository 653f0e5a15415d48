//! Rows of three to eight digits as people write them, drawn stroke by stroke.
//!
//! Every row has a writer of its own, who has a hand (slant, size, proportions, pen), a habit for each
//! digit (closed or open 4, crossed 7, ...) and paper. Nothing of it is stored: an image is drawn
//! from its number whenever it is wanted, always the same.

mod glyphs;
mod ink;
mod writer;

use random::{Place, Purpose, Stream};

use super::split::Divided;
use super::{Image, Pair, Split};
use writer::Writer;

const SEED: u64 = 19_890_228;
const SIZES: [(Split, u32); 3] = [
    (Split::Train, 60_000),
    (Split::Valid, 1_000),
    (Split::Test, 2_000),
];
/// A row has at least so many digits.
const SHORTEST: u32 = 3;
/// And at most so many.
const LONGEST: u32 = 8;

/// The names of the images, with their digits.
pub(super) fn build() -> Divided {
    let pair = |split: Split, number: u32| {
        let name = format!("builtin:digits:{split}:{number}");
        Pair::new(name, text(&digits(&mut stream(split, number))))
    };
    let pairs = |(split, size)| {
        (
            split,
            (1..=size).map(|number| pair(split, number)).collect(),
        )
    };
    SIZES.map(pairs).into()
}

/// The image with this number, from 1, if the split has so many.
pub(super) fn image(split: Split, number: u32) -> Option<Image> {
    let (_, size) = SIZES.into_iter().find(|&(other, _)| other == split)?;
    if !(1..=size).contains(&number) {
        return None;
    }
    let mut random = stream(split, number);
    let row = digits(&mut random);
    Some(Writer::draw(&mut random).write(&row, &mut random))
}

/// All that is random about a row.
fn stream(split: Split, number: u32) -> Stream {
    Stream::new(Place {
        seed: SEED,
        purpose: Purpose::Corpus,
        step: split as u64,
        index: u64::from(number),
    })
}

/// Chooses the digits of a row at random.
fn digits(random: &mut Stream) -> Vec<usize> {
    let length = SHORTEST + random.below(LONGEST - SHORTEST + 1);
    (0..length).map(|_| random.below(10) as usize).collect()
}

fn text(digits: &[usize]) -> String {
    digits.iter().map(usize::to_string).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_image_is_the_same_each_time_and_unlike_all_others() {
        let mut seen = HashSet::new();
        for split in [Split::Train, Split::Valid, Split::Test] {
            for number in 1..=100 {
                let drawn = image(split, number).unwrap();
                assert_eq!(Some(&drawn), image(split, number).as_ref());
                assert!(seen.insert(drawn.pixels), "{split} {number}");
            }
        }
        assert_eq!(image(Split::Test, 0), None);
        assert_eq!(image(Split::Test, 2_001), None);
        assert_eq!(image(Split::Unseen, 1), None);
    }

    #[test]
    fn rows_are_wide_enough_for_their_digits_and_have_ink() {
        let pairs = &build()[&Split::Test];
        for (number, pair) in (1..).zip(&pairs[..300]) {
            let drawn = image(Split::Test, number).unwrap();
            let digits = pair.target.len();
            assert_eq!(drawn.height, writer::HEIGHT);
            let width = drawn.width;
            assert!(
                (8 * digits..32 * digits + 40).contains(&width),
                "{width} {digits}"
            );
            let values = || drawn.pixels.iter().map(|&value| usize::from(value));
            let mean = values().sum::<usize>() / drawn.pixels.len();
            let dark = values().filter(|value| value + 40 < mean).count();
            let share = dark as f64 / drawn.pixels.len() as f64;
            assert!((0.02..0.4).contains(&share), "{number}: {share}");
        }
    }

    #[test]
    fn splits_have_their_sizes_and_all_lengths_and_digits() {
        let divided = build();
        for (split, size) in SIZES {
            let pairs = &divided[&split];
            assert_eq!(pairs.len(), size as usize);
            let lengths: HashSet<usize> = pairs.iter().map(|pair| pair.target.len()).collect();
            assert_eq!(lengths, (3..=8).collect());
            let digits: HashSet<char> = pairs.iter().flat_map(|pair| pair.target.chars()).collect();
            assert_eq!(digits, ('0'..='9').collect());
        }
    }
}
