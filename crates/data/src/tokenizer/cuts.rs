//! Places where a text can be cut without a token's noticing: each part becomes the tokens that it has in the whole.
//!
//! Words come again and again, and sentences do not: with their parts remembered, a corpus is cut many times as fast as
//! sentence by sentence. Where a place is not surely safe there is no cut; the part is only longer then.

use super::normalization::Normalization;

/// Which places are safe, by the way in which a kind cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cuts {
    /// Single spaces between letters or digits, which are nobody's; marks behind a word; the edges of Chinese characters.
    Words,
    /// Single spaces between other characters.
    Spaces,
    /// Before spaces between letters or digits, which belong to the word behind them.
    Subwords {
        /// Whether each text gets a space before it, so that a part must not bring its own.
        leading: bool,
    },
    /// Everywhere.
    Characters,
}

/// Whether a token may end before `next`, a space in between, or begin after it: a letter or digit that no normal form
/// gives another nature at its edges.
fn is_plain(letter: char, form: Normalization) -> bool {
    use Normalization::{Nfkc, Nfkd};
    if letter.is_ascii() {
        return letter.is_ascii_alphanumeric();
    }
    // Beyond are enclosed letters, which are symbols, and the scripts without spaces.
    let is_known = letter < '\u{2460}' || matches!(letter, '\u{ac00}'..='\u{d7a3}');
    !matches!(form, Nfkc | Nfkd) && is_known && letter.is_alphanumeric()
}

/// The unified ideographs, which stand alone and which every normal form leaves as they are.
fn is_ideograph(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

/// Whether an ideograph and `letter` beside it have nothing to do with each other.
fn is_apart(letter: char) -> bool {
    letter.is_ascii_graphic()
        || is_ideograph(letter)
        || matches!(
            letter,
            '\u{2013}'
                | '\u{2014}'
                | '\u{2018}'
                | '\u{2019}'
                | '\u{201c}'
                | '\u{201d}'
                | '\u{2026}'
        )
        || matches!(letter, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}')
        || matches!(letter, '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff1f}')
}

/// Whether `letter` behind a word ends it: a mark that stands in no word and no number when a space or nothing is `next`.
fn ends_word(letter: char, next: Option<char>) -> bool {
    matches!(letter, ',' | ';' | ':' | '!' | '?' | ')') && matches!(next, None | Some(' '))
}

impl Cuts {
    /// The parts of `text`, one after the other. What lies between two is nobody's.
    pub(super) fn parts(self, text: &str, form: Normalization, mut part: impl FnMut(&str)) {
        if self == Self::Characters {
            let is_inert = |letter: char| letter.is_ascii() || is_ideograph(letter);
            if form == Normalization::None || text.chars().all(is_inert) {
                let ends = text
                    .char_indices()
                    .map(|(at, letter)| (at, at + letter.len_utf8()));
                return ends.for_each(|(from, to)| part(&text[from..to]));
            }
            return part(text);
        }
        let mut start = 0;
        let mut letters = text.char_indices().peekable();
        let mut before: Option<char> = None;
        while let Some((at, letter)) = letters.next() {
            let next = letters.peek().map(|(_, next)| *next);
            if let (' ', Some(last), Some(next)) = (letter, before, next)
                && self.parts_at_space(last, next, form)
            {
                part(&text[start..at]);
                start = match self {
                    Self::Subwords { leading: false } => at,
                    _ => at + 1,
                };
            } else if let (Self::Words, Some(last)) = (self, before) {
                let is_edge = match (is_ideograph(last), is_ideograph(letter)) {
                    _ if ends_word(letter, next) => is_plain(last, form),
                    (true, _) => letter == ' ' || is_apart(letter),
                    (false, true) => is_apart(last),
                    (false, false) => false,
                };
                if is_edge && at > start {
                    part(&text[start..at]);
                    start = at;
                }
            }
            before = Some(letter);
        }
        if start < text.len() {
            part(&text[start..]);
        }
    }

    /// Whether the space between two characters parts tokens.
    fn parts_at_space(self, last: char, next: char, form: Normalization) -> bool {
        use Normalization::{Nfkc, Nfkd};
        match self {
            // Compatible forms write some marks with a space.
            Self::Spaces if matches!(form, Nfkc | Nfkd) => {
                last.is_ascii_graphic() && next.is_ascii_graphic()
            }
            Self::Spaces => last != ' ' && next != ' ',
            _ => is_plain(last, form) && is_plain(next, form),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(cuts: Cuts, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        cuts.parts(text, Normalization::Nfc, |part| found.push(part.to_owned()));
        found
    }

    #[test]
    fn parts_end_where_no_token_goes_on() {
        let text = "Tom's dog, a  cat. 我有2本书。 好 a";
        let words = [
            "Tom's",
            "dog",
            ", a  cat. 我",
            "有",
            "2",
            "本",
            "书",
            "。 好",
            " a",
        ];
        assert_eq!(parts(Cuts::Words, text), words);
        assert_eq!(parts(Cuts::Spaces, "a,b c  d"), ["a,b", "c  d"]);
        let [with, without] = [true, false].map(|leading| Cuts::Subwords { leading });
        assert_eq!(parts(without, "a bé 5 ."), ["a", " bé", " 5 ."]);
        assert_eq!(parts(with, "a bé 5 ."), ["a", "bé", "5 ."]);
        assert_eq!(parts(Cuts::Characters, "a 书"), ["a", " ", "书"]);
        assert_eq!(parts(Cuts::Characters, "ae\u{301}"), ["ae\u{301}"]);
        assert!(parts(Cuts::Words, "").is_empty());
    }
}
