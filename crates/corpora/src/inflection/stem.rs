//! Stems, and how endings join them.
//!
//! Endings are written with the usual capitals for sounds that vary: A is a or e, I is one of ı i u ü,
//! D is d or t. A letter in brackets at the start comes and goes: a consonant is there after a vowel
//! only, a vowel after a consonant only.

const VOWELS: &str = "aeıioöuü";
const VOICELESS: &str = "fstkçşhp";

/// Whether `letter` is a Turkish vowel.
pub(super) fn is_vowel(letter: char) -> bool {
    VOWELS.contains(letter)
}

/// A stem, to which endings are joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stem {
    /// As it is alone and before consonants.
    text: String,
    /// As it is before vowels, where it differs: kitab for kitap, burn for burun. Such a stem takes
    /// endings as if it ended in a consonant: su, before vowels suy, has suyu.
    before_vowel: Option<String>,
    /// The vowel that endings agree with.
    vowel: char,
}

impl Stem {
    /// A stem that agrees with its last vowel; with `front`, with the front vowel nearest to it.
    pub fn new(text: &str, before_vowel: Option<&str>, front: bool) -> Self {
        let last = text
            .chars()
            .rfind(|letter| is_vowel(*letter))
            .unwrap_or('e');
        let vowel = match (front, last) {
            (true, 'a') => 'e',
            (true, 'ı') => 'i',
            (true, 'o') => 'ö',
            (true, 'u') => 'ü',
            (_, last) => last,
        };
        Self {
            text: text.to_owned(),
            before_vowel: before_vowel.map(str::to_owned),
            vowel,
        }
    }

    /// The stem with an ending.
    pub fn with(&self, ending: &str) -> Self {
        let after_vowel = self.before_vowel.is_none() && self.text.ends_with(is_vowel);
        let ending = match ending
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'))
        {
            None => ending.to_owned(),
            Some((letter, rest)) => {
                let is_consonant = !matches!(letter, "A" | "I");
                let letter = if is_consonant == after_vowel {
                    letter
                } else {
                    ""
                };
                format!("{letter}{rest}")
            }
        };
        let starts_with_vowel =
            ending.starts_with(|first| matches!(first, 'A' | 'I') || is_vowel(first));
        let mut text = match &self.before_vowel {
            Some(changed) if starts_with_vowel => changed.clone(),
            _ => self.text.clone(),
        };
        let mut vowel = self.vowel;
        for letter in ending.chars() {
            let sound = match letter {
                'A' if "aıou".contains(vowel) => 'a',
                'A' => 'e',
                'I' => match vowel {
                    'a' | 'ı' => 'ı',
                    'e' | 'i' => 'i',
                    'o' | 'u' => 'u',
                    _ => 'ü',
                },
                'D' if text.ends_with(|last| VOICELESS.contains(last)) => 't',
                'D' => 'd',
                other => other,
            };
            if is_vowel(sound) {
                vowel = sound;
            }
            text.push(sound);
        }
        Self {
            text,
            before_vowel: None,
            vowel,
        }
    }

    /// Without the last letter if that is an open vowel, as before -Iyor: başla, başlıyor.
    pub fn narrowed(&self) -> Self {
        match self.text.strip_suffix(['a', 'e']) {
            Some(rest) => {
                let vowel = rest.chars().rfind(|letter| is_vowel(*letter));
                Self {
                    text: rest.to_owned(),
                    before_vowel: None,
                    vowel: vowel.unwrap_or(self.vowel),
                }
            }
            None => self.clone(),
        }
    }

    /// The form before vowels as a stem of its own; the same where there is none.
    pub fn changed(&self) -> Self {
        Self {
            text: self.before_vowel.as_ref().unwrap_or(&self.text).clone(),
            before_vowel: None,
            vowel: self.vowel,
        }
    }

    /// The word.
    pub fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(stem: &Stem, ending: &str) -> String {
        stem.with(ending).into_text()
    }

    #[test]
    fn endings_agree_with_the_last_vowel() {
        for (text, plural, accusative) in [
            ("kız", "kızlar", "kızı"),
            ("ev", "evler", "evi"),
            ("kuş", "kuşlar", "kuşu"),
            ("göz", "gözler", "gözü"),
            ("araba", "arabalar", "arabayı"),
            ("köprü", "köprüler", "köprüyü"),
        ] {
            let stem = Stem::new(text, None, false);
            assert_eq!(joined(&stem, "lAr"), plural);
            assert_eq!(joined(&stem, "(y)I"), accusative);
        }
        let clock = Stem::new("saat", None, true);
        assert_eq!(joined(&clock, "(y)I"), "saati");
        assert_eq!(clock.with("lAr").with("(y)I").into_text(), "saatleri");
    }

    #[test]
    fn sounds_meet_as_they_should() {
        let book = Stem::new("kitap", Some("kitab"), false);
        assert_eq!(joined(&book, "(y)I"), "kitabı");
        assert_eq!(joined(&book, "DA"), "kitapta");
        assert_eq!(book.with("(I)m").with("DAn").into_text(), "kitabımdan");
        let water = Stem::new("su", Some("suy"), false);
        assert_eq!(joined(&water, "(n)In"), "suyun");
        assert_eq!(joined(&water, "DA"), "suda");
        assert_eq!(joined(&Stem::new("araba", None, false), "(I)m"), "arabam");
    }

    #[test]
    fn open_vowels_close_before_the_progressive() {
        let progressive = |text| {
            Stem::new(text, None, false)
                .narrowed()
                .with("(I)yor")
                .into_text()
        };
        for (text, form) in [
            ("başla", "başlıyor"),
            ("söyle", "söylüyor"),
            ("oyna", "oynuyor"),
            ("ye", "yiyor"),
            ("oku", "okuyor"),
            ("gel", "geliyor"),
        ] {
            assert_eq!(progressive(text), form);
        }
    }
}
