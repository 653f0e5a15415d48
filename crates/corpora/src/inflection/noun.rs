//! Nouns: stem, number, possessor, case.

use super::stem::Stem;

const NUMBERS: [(&str, &str); 2] = [("SG", ""), ("PL", "lAr")];
/// Possessors by person and number. The third person takes an n before the endings of case.
const POSSESSORS: [(&str, &str); 7] = [
    ("", ""),
    (" PSS1S", "(I)m"),
    (" PSS2S", "(I)n"),
    (" PSS3S", "(s)I"),
    (" PSS1P", "(I)mIz"),
    (" PSS2P", "(I)nIz"),
    (" PSS3P", "lArI"),
];
/// Cases: the ending, and that after a possessor of the third person.
const CASES: [(&str, &str, &str); 6] = [
    ("NOM", "", ""),
    ("ACC", "(y)I", "nI"),
    ("DAT", "(y)A", "nA"),
    ("LOC", "DA", "nDA"),
    ("ABL", "DAn", "nDAn"),
    ("GEN", "(n)In", "nIn"),
];

/// Features and form, for all forms.
pub(super) fn forms(stem: &Stem) -> Vec<(String, String)> {
    let mut forms = Vec::with_capacity(NUMBERS.len() * POSSESSORS.len() * CASES.len());
    for (number, plural) in NUMBERS {
        for (possessor, possessive) in POSSESSORS {
            let is_third = possessor.contains('3');
            for (case, plain, after_third) in CASES {
                // One -lar is enough: kitapları is their book and their books.
                let possessive = match (plural, possessive) {
                    ("lAr", "lArI") => "I",
                    (_, possessive) => possessive,
                };
                let ending = if is_third { after_third } else { plain };
                let endings = [plural, possessive, ending];
                let form = endings
                    .into_iter()
                    .filter(|ending| !ending.is_empty())
                    .fold(stem.clone(), |form, ending| form.with(ending));
                forms.push((format!("N {case} {number}{possessor}"), form.into_text()));
            }
        }
    }
    forms
}
