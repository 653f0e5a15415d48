//! Verbs: stem, polarity, tense, person.

use super::stem::{Stem, is_vowel};

const PERSONS: [&str; 6] = ["1 SG", "2 SG", "3 SG", "1 PL", "2 PL", "3 PL"];

/// The endings of a tense for each person, those of the negative after them. `INFR` is the past that
/// the speaker has inferred or been told, `OBLIG` what must be done.
const TENSES: [(&str, [&str; 6], [&str; 6]); 6] = [
    (
        "PST",
        ["DIm", "DIn", "DI", "DIk", "DInIz", "DIlAr"],
        ["mAdIm", "mAdIn", "mAdI", "mAdIk", "mAdInIz", "mAdIlAr"],
    ),
    (
        "INFR",
        ["mIşIm", "mIşsIn", "mIş", "mIşIz", "mIşsInIz", "mIşlAr"],
        [
            "mAmIşIm",
            "mAmIşsIn",
            "mAmIş",
            "mAmIşIz",
            "mAmIşsInIz",
            "mAmIşlAr",
        ],
    ),
    (
        "FUT",
        [
            "(y)AcAğIm",
            "(y)AcAksIn",
            "(y)AcAk",
            "(y)AcAğIz",
            "(y)AcAksInIz",
            "(y)AcAklAr",
        ],
        [
            "mAyAcAğIm",
            "mAyAcAksIn",
            "mAyAcAk",
            "mAyAcAğIz",
            "mAyAcAksInIz",
            "mAyAcAklAr",
        ],
    ),
    (
        "PROG",
        [
            "(I)yorum",
            "(I)yorsun",
            "(I)yor",
            "(I)yoruz",
            "(I)yorsunuz",
            "(I)yorlar",
        ],
        [
            "mIyorum",
            "mIyorsun",
            "mIyor",
            "mIyoruz",
            "mIyorsunuz",
            "mIyorlar",
        ],
    ),
    (
        "OBLIG",
        [
            "mAlIyIm",
            "mAlIsIn",
            "mAlI",
            "mAlIyIz",
            "mAlIsInIz",
            "mAlIlAr",
        ],
        [
            "mAmAlIyIm",
            "mAmAlIsIn",
            "mAmAlI",
            "mAmAlIyIz",
            "mAmAlIsInIz",
            "mAmAlIlAr",
        ],
    ),
    (
        "COND",
        ["sAm", "sAn", "sA", "sAk", "sAnIz", "sAlAr"],
        ["mAsAm", "mAsAn", "mAsA", "mAsAk", "mAsAnIz", "mAsAlAr"],
    ),
];
/// The aorist after its own -r, -Ar or -Ir; the negative has none of these.
const AORIST: ([&str; 6], [&str; 6]) = (
    ["Im", "sIn", "", "Iz", "sInIz", "lAr"],
    ["mAm", "mAzsIn", "mAz", "mAyIz", "mAzsInIz", "mAzlAr"],
);

/// A verb.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verb {
    /// Stem that endings are joined to: git, before vowels gid.
    pub stem: Stem,
    /// Stem that -ecek is joined to: yi for ye.
    future: Stem,
    /// The aorist's ending.
    aorist: &'static str,
}

impl Verb {
    /// A verb whose aorist goes by rule unless `aorist` is given: -r after a vowel, -Ar after a stem of
    /// one syllable, -Ir after longer ones. A second form of a stem that ends in a vowel is for the
    /// future alone.
    pub fn new(text: &str, stem: Stem, aorist: Option<&'static str>) -> Self {
        let ends_in_vowel = text.ends_with(is_vowel);
        let syllables = text.chars().filter(|letter| is_vowel(*letter)).count();
        let by_rule = match (ends_in_vowel, syllables) {
            (true, _) => "r",
            (false, 1) => "Ar",
            (false, _) => "Ir",
        };
        let (stem, future) = match ends_in_vowel {
            true => (Stem::new(text, None, false), stem.changed()),
            false => (stem.clone(), stem),
        };
        Self {
            stem,
            future,
            aorist: aorist.unwrap_or(by_rule),
        }
    }

    /// Features and form, for all forms.
    pub fn forms(&self) -> Vec<(String, String)> {
        let mut forms = Vec::with_capacity(2 * PERSONS.len() * (TENSES.len() + 1));
        let mut add = |polarity: &str, tense: &str, stem: &Stem, endings: [&str; 6]| {
            for (person, ending) in PERSONS.into_iter().zip(endings) {
                let features = format!("V{polarity} {tense} {person}");
                forms.push((features, stem.with(ending).into_text()));
            }
        };
        for (tense, positive, negative) in TENSES {
            let stem = match tense {
                "PROG" => &self.stem.narrowed(),
                "FUT" => &self.future,
                _ => &self.stem,
            };
            add("", tense, stem, positive);
            add(" NEG", tense, &self.stem, negative);
        }
        add("", "AOR", &self.stem.with(self.aorist), AORIST.0);
        add(" NEG", "AOR", &self.stem, AORIST.1);
        forms
    }
}
