//! Labelled text: the words of an entry or a template, with marks that say which translate which.

use std::ops::Range;

/// Link of a piece of text to the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// No mark: the piece follows the whole slot (or, in a template's own words, is not linked).
    Whole,
    /// Marked `/_`: linked to nothing.
    Unlinked,
    /// Marked `/x`: linked to the pieces of the other side with the same mark.
    Named(char),
}

/// One English word, or one run of Chinese characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// The word or the characters.
    pub text: String,
    /// Its mark.
    pub label: Label,
}

fn label(mark: Option<char>) -> Label {
    match mark {
        None => Label::Whole,
        Some('_') => Label::Unlinked,
        Some(name) => Label::Named(name),
    }
}

/// Splits English text at spaces; `word/x` carries the mark `x`.
///
/// An article without a mark has no counterpart in Chinese, so it is linked to nothing.
pub(super) fn english(text: &str) -> Vec<Piece> {
    text.split_whitespace()
        .flat_map(split_punctuation)
        .map(|word| {
            let (word, mark) = split_mark(word);
            let label = match (mark, word) {
                (None, "the" | "a" | "an") => Label::Unlinked,
                _ => label(mark),
            };
            Piece {
                text: word.to_owned(),
                label,
            }
        })
        .collect()
}

/// Splits Chinese text at spaces and after each mark; `字/x` carries the mark `x`.
pub(super) fn chinese(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut run = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let mark = if letter == '/' { letters.next() } else { None };
        if mark.is_none() && !letter.is_whitespace() {
            run.push(letter);
            continue;
        }
        if !run.is_empty() {
            pieces.push(Piece {
                text: std::mem::take(&mut run),
                label: label(mark),
            });
        }
    }
    if !run.is_empty() {
        pieces.push(Piece {
            text: run,
            label: Label::Whole,
        });
    }
    pieces
}

/// `apples/x,` is the word `apples/x` and the comma.
fn split_punctuation(word: &str) -> impl Iterator<Item = &str> {
    let end = word.trim_end_matches(['.', ',', '?', '!']).len();
    [&word[..end], &word[end..]]
        .into_iter()
        .filter(|part| !part.is_empty())
}

fn split_mark(word: &str) -> (&str, Option<char>) {
    match word.rsplit_once('/') {
        Some((word, mark)) if !word.is_empty() && mark.chars().count() == 1 => {
            (word, mark.chars().next())
        }
        _ => (word, None),
    }
}

/// Splits an English sentence into the tokens that alignments count.
///
/// A token is a maximal run of letters and digits in which apostrophes, hyphens, points and commas
/// are kept between two of them (`don't`, `o'clock`, `twenty-five`, `3,000`; points and commas
/// only between digits); every other character that is not a space is a token of its own.
pub fn source_tokens(sentence: &str) -> Vec<String> {
    let spans = source_spans(sentence);
    spans
        .into_iter()
        .map(|span| sentence[span].to_owned())
        .collect()
}

/// The bytes of each of the [`source_tokens`].
pub fn source_spans(sentence: &str) -> Vec<Range<usize>> {
    let letters: Vec<(usize, char)> = sentence.char_indices().collect();
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    for (place, &(start, letter)) in letters.iter().enumerate() {
        let before = place.checked_sub(1).map(|p| letters[p].1);
        let after = letters.get(place + 1).map(|&(_, letter)| letter);
        let inside = |keep: fn(char) -> bool| before.is_some_and(keep) && after.is_some_and(keep);
        let kept = letter.is_alphanumeric()
            || matches!(letter, '\'' | '’' | '-') && inside(char::is_alphanumeric)
            || matches!(letter, ',' | '.') && inside(|c| c.is_ascii_digit());
        let end = start + letter.len_utf8();
        match spans.last_mut() {
            Some(last) if kept && open => last.end = end,
            _ if letter.is_whitespace() => {}
            _ => spans.push(start..end),
        }
        open = kept;
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_inner_marks() {
        let tokens = source_tokens("Don't buy Tom's 3,000 old-style cups at five o'clock, Lily.");
        let expected = "Don't buy Tom's 3,000 old-style cups at five o'clock , Lily .";
        assert_eq!(tokens, expected.split(' ').collect::<Vec<_>>());
    }

    #[test]
    fn marks_are_read_on_both_sides() {
        let labels = |pieces: Vec<Piece>| -> Vec<(String, Label)> {
            pieces.into_iter().map(|p| (p.text, p.label)).collect()
        };
        assert_eq!(
            labels(english("half/a past/a the seven")),
            [
                ("half".into(), Label::Named('a')),
                ("past".into(), Label::Named('a')),
                ("the".into(), Label::Unlinked),
                ("seven".into(), Label::Whole)
            ]
        );
        assert_eq!(
            labels(chinese("七点 半/a了/_")),
            [
                ("七点".into(), Label::Whole),
                ("半".into(), Label::Named('a')),
                ("了".into(), Label::Unlinked)
            ]
        );
    }
}
