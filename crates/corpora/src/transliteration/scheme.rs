//! ELOT 743: Greek letters by Latin ones.

use unicode_normalization::UnicodeNormalization;

const ACUTE: char = '\u{301}';
const DIAERESIS: char = '\u{308}';
const VOWELS: &str = "αεηιουω";
const VOICED: &str = "βγδζλμνρ";

/// A Greek letter taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Letter {
    /// In lower case, without marks.
    base: char,
    /// The marks above it.
    marks: String,
    is_upper: bool,
}

impl Letter {
    fn has(&self, mark: char) -> bool {
        self.marks.contains(mark)
    }
}

/// `greek` in Latin letters. What is no Greek letter stays as it is.
///
/// Accents and diaereses are kept. A capital becomes a capital and small letters (Θα: Tha), or
/// capitals between capitals (ΘΑ: THA).
pub(super) fn latin(greek: &str) -> String {
    let mut out = String::new();
    let mut word: Vec<Letter> = Vec::new();
    for character in greek.nfd() {
        match character {
            ACUTE | DIAERESIS if !word.is_empty() => {
                if let Some(letter) = word.last_mut() {
                    letter.marks.push(character);
                }
            }
            'Α'..='ω' => {
                let base = character.to_lowercase().next().unwrap_or(character);
                word.push(Letter {
                    base: if base == 'ς' { 'σ' } else { base },
                    marks: String::new(),
                    is_upper: character.is_uppercase(),
                });
            }
            other => {
                out += &spell(&std::mem::take(&mut word));
                out.push(other);
            }
        }
    }
    out += &spell(&word);
    out.nfc().collect()
}

/// A word in Latin letters, marks apart.
fn spell(word: &[Letter]) -> String {
    let mut out = String::new();
    let mut at = 0;
    while let Some(letter) = word.get(at) {
        let (latin, taken) = group(word, at);
        let beside = [at.checked_sub(1), Some(at + taken)];
        let beside = beside.into_iter().flatten().filter_map(|at| word.get(at));
        let capitals = word[at..at + taken]
            .iter()
            .chain(beside)
            .filter(|other| other.is_upper);
        match (letter.is_upper, capitals.count()) {
            (false, _) => out += &latin,
            (true, 0 | 1) => {
                let mut characters = latin.chars();
                out.extend(characters.next().map(|first| first.to_ascii_uppercase()));
                out.push_str(characters.as_str());
            }
            (true, _) => out += &latin.to_uppercase(),
        }
        at += taken;
    }
    out
}

/// Returns the Latin letters for the Greek ones at `at`, and how many Greek letters they stand for.
fn group(word: &[Letter], at: usize) -> (String, usize) {
    let letter = &word[at];
    let next = word.get(at + 1);
    let next_base = next.map(|next| next.base);
    let second = next.filter(|next| !letter.has(ACUTE) && !next.has(DIAERESIS));
    match (letter.base, second.map(|second| second.base)) {
        ('ο', Some('υ')) => {
            let marks = second.map_or("", |second| &second.marks);
            (format!("ou{marks}"), 2)
        }
        (first @ ('α' | 'ε' | 'η'), Some('υ')) => {
            let marks = second.map_or("", |second| &second.marks);
            let after = word.get(at + 2).map(|letter| letter.base);
            let is_voiced =
                after.is_some_and(|after| VOWELS.contains(after) || VOICED.contains(after));
            let consonant = if is_voiced { 'v' } else { 'f' };
            (format!("{}{marks}{consonant}", single(first)), 2)
        }
        ('γ', _) if next_base == Some('γ') => ("ng".to_owned(), 2),
        ('γ', _) if matches!(next_base, Some('ξ' | 'χ')) => ("n".to_owned(), 1),
        ('μ', _) if next_base == Some('π') && (at == 0 || at + 2 == word.len()) => {
            ("b".to_owned(), 2)
        }
        (base, _) => (format!("{}{}", single(base), letter.marks), 1),
    }
}

/// A letter on its own.
fn single(base: char) -> &'static str {
    match base {
        'α' => "a",
        'β' => "v",
        'γ' => "g",
        'δ' => "d",
        'ε' => "e",
        'ζ' => "z",
        'η' | 'ι' => "i",
        'θ' => "th",
        'κ' => "k",
        'λ' => "l",
        'μ' => "m",
        'ν' => "n",
        'ξ' => "x",
        'ο' | 'ω' => "o",
        'π' => "p",
        'ρ' => "r",
        'σ' => "s",
        'τ' => "t",
        'υ' => "y",
        'φ' => "f",
        'χ' => "ch",
        'ψ' => "ps",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Names as maps of Greece have them, and words that show a rule each.
    #[test]
    fn names_are_spelt_as_on_maps() {
        for (greek, expected) in [
            ("Αθήνα", "Athína"),
            ("Θεσσαλονίκη", "Thessaloníki"),
            ("Εύβοια", "Évvoia"),
            ("Ναύπλιο", "Náfplio"),
            ("Σπάρτη", "Spárti"),
            ("Χανιά", "Chaniá"),
            ("Μεσολόγγι", "Mesolóngi"),
            ("Μπάμπης", "Bámpis"),
            ("Ευαγγελία", "Evangelía"),
            ("Ουρανός", "Ouranós"),
            ("αύριο", "ávrio"),
            ("αυτός", "aftós"),
            ("ευχή", "efchí"),
            ("ηυξημένος", "ifximénos"),
            ("σφίγξ", "sfínx"),
            ("άγχος", "ánchos"),
            ("άγκυρα", "ágkyra"),
            ("πέντε", "pénte"),
            ("ψυχή", "psychí"),
            ("τρώω", "tróo"),
            ("ταΐζω", "taḯzo"),
            ("προϊόν", "proïón"),
            ("άυλος", "áylos"),
            ("ού και όχι", "oú kai óchi"),
            ("υιός", "yiós"),
            ("ταχύ", "tachý"),
        ] {
            assert_eq!(latin(greek), expected, "{greek}");
        }
    }

    #[test]
    fn capitals_stay_capitals() {
        assert_eq!(latin("Ψάρι"), "Psári");
        assert_eq!(latin("ΨΑΡΙ"), "PSARI");
        assert_eq!(latin("ΑΥΓΟ"), "AVGO");
        assert_eq!(latin("Θ. Χ 7"), "Th. Ch 7");
    }

    proptest! {
        #[test]
        fn no_greek_is_left(text in "[α-ωάέήίόύώΐϊϋΑ-ΡΣ-Ω ]{0,30}") {
            let spelt = latin(&text);
            prop_assert!(!spelt.chars().any(|c| ('\u{370}'..'\u{400}').contains(&c)), "{}", spelt);
            prop_assert_eq!(spelt.matches(' ').count(), text.matches(' ').count());
        }
    }
}
