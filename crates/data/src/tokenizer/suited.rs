//! Which kind of tokenizer suits a corpus, found by how its text is written.

use std::collections::HashSet;

use super::config::Kind;
use super::script::{is_unspaced_letter, is_written_without_spaces};

/// So many texts are looked at.
const MOST: usize = 20_000;
/// Every so many texts one is held out, to see how many words of new text would be unknown.
const HELD_OUT: usize = 10;
/// More unknown words than this are too many for a vocabulary of words.
const UNKNOWN: f64 = 0.08;
/// Text with more numbers than this among its words is read digit by digit.
const NUMBERS: f64 = 0.2;
/// Lines of so many characters can be read character by character.
const SHORT: usize = 100;
/// Symbols that are cut already, such as phones: so few and so short.
const SYMBOLS: usize = 256;
const SYMBOL_LENGTH: usize = 4;
/// In text that is cut already at most one piece in so many ends in a mark of sentences.
const SENTENCES: usize = 100;
/// A line that comes so often is the name of a class, a word of its own.
const REPEATED: usize = 10;

/// Counts over some texts.
#[derive(Debug, Default)]
struct Counts<'a> {
    lines: usize,
    /// Lines without white space.
    alone: usize,
    characters: usize,
    distinct: HashSet<&'a str>,
    letters: usize,
    /// Letters of Chinese and Japanese, and of other scripts without spaces.
    unspaced: usize,
    other_unspaced: usize,
    /// Pieces between white space.
    pieces: usize,
    piece_characters: usize,
    /// Pieces that end in a mark of sentences.
    ended_pieces: usize,
    distinct_pieces: HashSet<&'a str>,
    words: usize,
    numbers: usize,
    known: HashSet<&'a str>,
    held_out: Vec<&'a str>,
}

impl<'a> Counts<'a> {
    fn of(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut counts = Self::default();
        let texts = texts.into_iter().filter(|text| !text.is_empty());
        for (number, text) in texts.take(MOST).enumerate() {
            counts.lines += 1;
            counts.characters += text.chars().count();
            counts.distinct.insert(text);
            counts.alone += usize::from(!text.contains(char::is_whitespace));
            for letter in text.chars().filter(|letter| letter.is_alphabetic()) {
                counts.letters += 1;
                counts.unspaced += usize::from(is_unspaced_letter(letter));
                counts.other_unspaced += usize::from(is_written_without_spaces(letter));
            }
            for piece in text.split_whitespace() {
                counts.pieces += 1;
                counts.piece_characters += piece.chars().count();
                counts.distinct_pieces.insert(piece);
                let is_ended = piece.len() > 1 && piece.ends_with(['.', ',', '?', '!']);
                counts.ended_pieces += usize::from(is_ended);
            }
            let words = text.split(|character: char| !character.is_alphanumeric());
            for word in words.filter(|word| !word.is_empty()) {
                counts.words += 1;
                counts.numbers += usize::from(word.contains(|c: char| c.is_ascii_digit()));
                match (number + 1).is_multiple_of(HELD_OUT) {
                    true => counts.held_out.push(word),
                    false => {
                        counts.known.insert(word);
                    }
                }
            }
        }
        counts
    }

    /// The share of held-out words that the others lack.
    fn unknown(&self) -> f64 {
        let words = self.held_out.iter();
        let unknown = words.filter(|word| !self.known.contains(*word)).count();
        unknown as f64 / self.held_out.len().max(1) as f64
    }
}

impl Kind {
    /// The kind that suits `texts`:
    ///
    /// - `char` for words alone (pronunciation, inflection), for scripts without spaces other than Chinese and Japanese,
    ///   and for short lines that are full of numbers or of words that come once;
    /// - `space` for a few short symbols between spaces, such as phones;
    /// - `bpe` for long lines of words that come once;
    /// - `word` for the rest.
    pub fn suited_to<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let counts = Counts::of(texts);
        let is_short = counts.characters <= SHORT * counts.lines;
        let most = |part: usize, whole: usize| 2 * part > whole;
        if most(counts.unspaced, counts.letters) || counts.lines == 0 {
            return Kind::Word;
        }
        if most(counts.other_unspaced, counts.letters) {
            return if is_short { Kind::Char } else { Kind::Bpe };
        }
        if most(counts.alone, counts.lines) {
            let is_class = counts.distinct.len() * REPEATED <= counts.lines;
            return if is_class { Kind::Word } else { Kind::Char };
        }
        let are_symbols = counts.distinct_pieces.len() <= SYMBOLS
            && SENTENCES * counts.ended_pieces <= counts.pieces
            && counts.piece_characters <= SYMBOL_LENGTH * counts.pieces;
        if are_symbols {
            return Kind::Space;
        }
        let has_numbers = counts.numbers as f64 > NUMBERS * counts.words as f64;
        if has_numbers && is_short {
            return Kind::Char;
        }
        match counts.unknown() > UNKNOWN {
            false => Kind::Word,
            true if is_short => Kind::Char,
            true => Kind::Bpe,
        }
    }
}

#[cfg(test)]
mod tests {
    use corpora::Builtin;

    use super::*;

    fn of_builtin(name: &str) -> [Kind; 2] {
        let pairs: Vec<_> = Builtin::named(name)
            .unwrap()
            .pairs()
            .iter()
            .take(5_000)
            .collect();
        [
            Kind::suited_to(pairs.iter().map(|pair| pair.source.as_str())),
            Kind::suited_to(pairs.iter().map(|pair| pair.target.as_str())),
        ]
    }

    #[test]
    fn each_built_in_task_gets_what_suits_it() {
        for (name, kinds) in [
            ("builtin:en-zh:train", [Kind::Word, Kind::Word]),
            ("builtin:reverse:train", [Kind::Space, Kind::Space]),
            ("builtin:dates:train", [Kind::Char, Kind::Char]),
            ("builtin:transliteration:train", [Kind::Char, Kind::Char]),
            ("builtin:inflection:train", [Kind::Space, Kind::Char]),
        ] {
            assert_eq!(of_builtin(name), kinds, "{name}");
        }
    }

    #[test]
    fn words_phones_classes_and_sentences_are_told_apart() {
        let suited = |texts: &[&str]| Kind::suited_to(texts.iter().copied());
        assert_eq!(suited(&["AAA", "AABERG", "AACHEN"]), Kind::Char);
        assert_eq!(suited(&["T R IH P", "AA B ER G"]), Kind::Space);
        assert_eq!(
            suited(&["seventy thousand", "nineteen hundred and six"]),
            Kind::Word
        );
        assert_eq!(suited(&["I eat rice.", "He is in."]), Kind::Word);
        assert_eq!(suited(&["638", "12", "7"]), Kind::Char);
        assert_eq!(suited(&["ฉันชอบกินข้าว", "เขาดื่มน้ำ"]), Kind::Char);
        assert_eq!(suited(&["positive", "negative"].repeat(10)), Kind::Word);
        assert_eq!(suited(&[]), Kind::Word);
        let names: Vec<String> = (0..200)
            .map(|number| format!("dear n{number}x m{number}y"))
            .collect();
        assert_eq!(
            Kind::suited_to(names.iter().map(String::as_str)),
            Kind::Char
        );
        let long: Vec<String> = names.chunks(20).map(|names| names.join(" ")).collect();
        assert_eq!(Kind::suited_to(long.iter().map(String::as_str)), Kind::Bpe);
    }
}
