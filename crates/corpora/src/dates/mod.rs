//! Dates as people write them to the form of ISO 8601, `YYYY-MM-DD`.
//!
//! The days are those of 1900 to 2099; no day is in two splits, in whatever form. The forms are in
//! `formats.txt`. What a form leaves open is settled by convention: a date with slashes has the month
//! first, one with full stops the day; a year of two digits is one of 1970 to 2069. A weekday, where
//! it is given, is the right one.

mod calendar;
mod format;
mod words;

use std::sync::OnceLock;

use random::Stream;

use super::split::{Divided, pick, stream};
use super::{Pair, Split};
use calendar::Date;
use format::Format;

const SEED: u64 = 20_150_409;
const SIZES: [(Split, usize); 3] = [
    (Split::Test, 2_000),
    (Split::Valid, 1_000),
    (Split::Train, 40_000),
];

/// The pairs of all splits.
pub(super) fn build() -> Divided {
    let mut days = calendar::all();
    stream(SEED, Split::Unseen).shuffle(&mut days);
    let mut days = days.into_iter();
    let split = |(split, size)| {
        let mut random = stream(SEED, split);
        let pairs = days.by_ref().take(size);
        (split, pairs.map(|date| pair(date, &mut random)).collect())
    };
    SIZES.map(split).into()
}

fn pair(date: Date, random: &mut Stream) -> Pair {
    let format = loop {
        let format = pick(random, formats());
        if format.fits(date) {
            break format;
        }
    };
    let written = format.write(date, random);
    let source = match random.below(20) {
        0..3 => written.to_lowercase(),
        3..5 => written.to_uppercase(),
        _ => written,
    };
    Pair::new(source, date.to_string())
}

/// All forms of `formats.txt`.
fn formats() -> &'static [Format] {
    static FORMATS: OnceLock<Vec<Format>> = OnceLock::new();
    FORMATS.get_or_init(|| match format::parse(include_str!("formats.txt")) {
        Ok(formats) => formats,
        // The file is compiled in, and a test reads it: no user can see this.
        Err(error) => panic!("the built-in dates are broken: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    #[test]
    fn splits_have_their_sizes_and_no_day_is_there_twice() {
        let divided = build();
        assert_eq!(divided, build());
        let mut days = HashSet::new();
        for (split, size) in SIZES {
            assert_eq!(divided[&split].len(), size, "{split}");
            for pair in &divided[&split] {
                assert!(days.insert(pair.target.clone()), "{pair:?}");
            }
        }
        let valid: HashSet<String> = calendar::all().iter().map(Date::to_string).collect();
        assert!(days.is_subset(&valid));
    }

    /// Every written form identifies its day; ten years suffice to mix up days, months and years of two digits.
    #[test]
    fn no_text_means_two_days() {
        let mut meant: HashMap<String, Date> = HashMap::new();
        let mut random = stream(1, Split::Test);
        let few = |date: &&Date| (2001..2011).contains(&date.year);
        for &date in calendar::all().iter().filter(few) {
            for format in formats().iter().filter(|format| format.fits(date)) {
                let text = format.write(date, &mut random).to_lowercase();
                let before = meant.insert(text.clone(), date);
                assert!(before.is_none_or(|before| before == date), "{text}");
            }
        }
    }

    #[test]
    fn training_shows_every_form_in_every_case() {
        let train = &build()[&Split::Train];
        let has = |text: &str| train.iter().any(|pair| pair.source.contains(text));
        for text in [
            "Tuesday, ",
            "tue ",
            "MONDAY",
            "Sept",
            "SEP",
            "3rd",
            "Twenty-first",
            "the first of",
            "nineteen ",
            "two thousand",
            ".XII.",
            "/",
            "'",
            "1900",
            "2099",
        ] {
            let found = has(text) || has(&text.to_lowercase());
            assert!(found, "{text}");
        }
        assert!(formats().len() >= 45);
    }
}
