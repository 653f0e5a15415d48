//! Where a mistake stands in what the user wrote.

use std::cell::Cell;
use std::fmt;

/// The longest piece of the user's own text that a message repeats, in characters.
const LONGEST_QUOTE: usize = 60;

/// Where a mistake stands in what the user wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A config file as a whole, by its name.
    File(String),
    /// A spot in a config file.
    Line {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The character within the line, from 1.
        column: usize,
    },
    /// A `--set KEY=VALUE` of the command line, without the `--set`.
    Override(String),
}

impl Place {
    /// The spot of byte `offset` of `text`, which is the content of `file`.
    pub(super) fn of(file: &str, text: &str, offset: usize) -> Self {
        Places::new(file, text).of(offset)
    }
}

/// The places of one text, asked for in about the order in which they stand: each is counted from the last.
#[derive(Debug)]
pub(super) struct Places<'a> {
    file: &'a str,
    text: &'a str,
    /// Byte, line and column (both from 1) of the place that was asked for last.
    last: Cell<(usize, usize, usize)>,
}

impl<'a> Places<'a> {
    /// Of `text`, which is the content of `file`.
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            last: Cell::new((0, 1, 1)),
        }
    }

    /// The spot of byte `offset`.
    pub(super) fn of(&self, offset: usize) -> Place {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let (before, line, column) = match self.last.get() {
            last if last.0 <= offset => last,
            _ => (0, 1, 1),
        };
        let passed = &self.text[before..offset];
        let lines = passed.matches('\n').count();
        let column = match passed.rfind('\n') {
            Some(newline) => passed[newline + 1..].chars().count() + 1,
            None => column + passed.chars().count(),
        };
        self.last.set((offset, line + lines, column));
        Place::Line {
            file: self.file.to_owned(),
            line: line + lines,
            column,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => formatter.write_str(file),
            Self::Line { file, line, column } => write!(formatter, "{file}:{line}:{column}"),
            Self::Override(text) => write!(formatter, "--set {}", quote(text)),
        }
    }
}

/// `text` on one line and cut to a length that leaves a message readable.
pub(super) fn quote(text: &str) -> String {
    shorten(text, LONGEST_QUOTE)
}

/// `text` on one line and cut to `longest` characters.
pub(super) fn shorten(text: &str, longest: usize) -> String {
    let cut = text.chars().take(longest);
    let escaped = cut.map(|character| match character.is_control() {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    });
    let mut short: String = escaped.collect();
    if text.chars().nth(longest).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let text = "a = 1\n你好 = 2\n";
        let shown = |offset| Place::of("x.toml", text, offset).to_string();
        assert_eq!(shown(0), "x.toml:1:1");
        assert_eq!(shown(6), "x.toml:2:1");
        assert_eq!(shown(12), "x.toml:2:3");
        assert_eq!(shown(10), "x.toml:2:2");
        assert_eq!(shown(9_999), "x.toml:3:1");
    }

    #[test]
    fn places_may_be_asked_for_in_any_order() {
        let text = "a = 1\n你好 = 2\n\nb = 3";
        let places = Places::new("x.toml", text);
        for offset in [0, 3, 12, 14, 16, 6, 12, 99, 0, 15] {
            assert_eq!(places.of(offset), Place::of("x.toml", text, offset));
        }
    }

    #[test]
    fn quotes_are_short_and_on_one_line() {
        assert_eq!(quote("a = \"b\\c\""), "a = \"b\\c\"");
        assert_eq!(quote("a\nb\u{1b}[31m"), "a\\nb\\u{1b}[31m");
        assert_eq!(quote(&"x".repeat(1_000)).chars().count(), LONGEST_QUOTE + 1);
    }
}
