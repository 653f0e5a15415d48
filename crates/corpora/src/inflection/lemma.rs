//! The words that are inflected.

use super::stem::Stem;
use super::{noun, verb};

/// A word of the dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lemma {
    /// Inflected for number, possessor and case.
    Noun(Stem),
    /// Inflected for polarity, tense and person.
    Verb(verb::Verb),
}

impl Lemma {
    /// As dictionaries list it: nouns alone, verbs with -mek or -mak.
    pub fn citation(&self) -> String {
        match self {
            Self::Noun(stem) => stem.clone().into_text(),
            Self::Verb(verb) => verb.stem.with("mAk").into_text(),
        }
    }

    /// Features and form, for all forms.
    pub fn forms(&self) -> Vec<(String, String)> {
        match self {
            Self::Noun(stem) => noun::forms(stem),
            Self::Verb(verb) => verb.forms(),
        }
    }
}

/// The words of both files.
pub(super) fn all() -> Result<Vec<Lemma>, String> {
    let nouns = rows(include_str!("nouns.tsv")).map(|columns| {
        let front = match columns.get(2) {
            None => false,
            Some(&"front") => true,
            Some(other) => return Err(format!("{other}: a third column says `front`")),
        };
        Ok(Lemma::Noun(Stem::new(columns[0], changed(&columns), front)))
    });
    let verbs = rows(include_str!("verbs.tsv")).map(|columns| {
        let aorist = match columns.get(2) {
            None => None,
            Some(&"Ir") => Some("Ir"),
            Some(other) => return Err(format!("{other}: a third column says `Ir`")),
        };
        let stem = Stem::new(columns[0], changed(&columns), false);
        Ok(Lemma::Verb(verb::Verb::new(columns[0], stem, aorist)))
    });
    nouns.chain(verbs).collect()
}

/// Lines as their columns; each has one.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split('\t').collect())
}

/// The second column, `-` for none.
fn changed<'a>(columns: &[&'a str]) -> Option<&'a str> {
    columns.get(1).copied().filter(|column| *column != "-")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_files_have_every_word_once_in_turkish_letters() {
        let lemmas = all().unwrap();
        assert!(lemmas.len() >= 450, "{}", lemmas.len());
        let mut seen = HashSet::new();
        for lemma in &lemmas {
            let word = lemma.citation();
            assert!(
                word.chars()
                    .all(|c| "abcçdefgğhıijklmnoöprsştuüvyz".contains(c)),
                "{word}"
            );
            assert!(seen.insert(word.clone()), "{word} is there twice");
            assert_eq!(lemma.forms().len(), 84, "{word}");
        }
    }

    /// Forms that a grammar or a dictionary gives.
    #[test]
    fn known_words_have_their_known_forms() {
        let lemmas = all().unwrap();
        for (word, features, form) in [
            ("kitap", "N ACC SG", "kitabı"),
            ("kitap", "N ACC PL PSS1S", "kitaplarımı"),
            ("kitap", "N NOM SG PSS3P", "kitapları"),
            ("top", "N ACC SG", "topu"),
            ("saat", "N DAT SG", "saate"),
            ("saat", "N NOM PL", "saatler"),
            ("rol", "N ACC SG", "rolü"),
            ("kalp", "N NOM SG PSS1S", "kalbim"),
            ("burun", "N ACC SG PSS3S", "burnunu"),
            ("burun", "N ABL SG", "burundan"),
            ("vakit", "N ACC SG", "vakti"),
            ("hak", "N NOM SG PSS2P", "hakkınız"),
            ("renk", "N GEN SG", "rengin"),
            ("su", "N NOM SG PSS3S", "suyu"),
            ("su", "N GEN SG", "suyun"),
            ("araba", "N LOC SG PSS3S", "arabasında"),
            ("anne", "N DAT SG PSS1P", "annemize"),
            ("ağaç", "N ABL PL", "ağaçlardan"),
            ("ağaç", "N LOC SG", "ağaçta"),
            ("gelmek", "V PST 1 SG", "geldim"),
            ("gelmek", "V AOR 1 SG", "gelirim"),
            ("gelmek", "V NEG AOR 1 SG", "gelmem"),
            ("gelmek", "V NEG AOR 1 PL", "gelmeyiz"),
            ("gülmek", "V AOR 3 SG", "güler"),
            ("gitmek", "V PROG 3 SG", "gidiyor"),
            ("gitmek", "V PST 3 PL", "gittiler"),
            ("gitmek", "V FUT 1 SG", "gideceğim"),
            ("yemek", "V FUT 3 SG", "yiyecek"),
            ("demek", "V PROG 2 PL", "diyorsunuz"),
            ("başlamak", "V PROG 1 SG", "başlıyorum"),
            ("başlamak", "V AOR 1 SG", "başlarım"),
            ("okumak", "V NEG PROG 1 PL", "okumuyoruz"),
            ("okumak", "V FUT 2 SG", "okuyacaksın"),
            ("görmek", "V INFR 2 SG", "görmüşsün"),
            ("görmek", "V NEG FUT 3 PL", "görmeyecekler"),
            ("çalışmak", "V AOR 2 PL", "çalışırsınız"),
            ("yazmak", "V OBLIG 1 SG", "yazmalıyım"),
            ("yazmak", "V NEG COND 1 PL", "yazmasak"),
        ] {
            let of_word = lemmas.iter().filter(|lemma| lemma.citation() == word);
            let found: Vec<String> = of_word
                .flat_map(Lemma::forms)
                .filter(|(named, _)| named == features)
                .map(|(_, form)| form)
                .collect();
            assert_eq!(found, [form], "{features} {word}");
        }
    }
}
