//! Where a mistake stands in what the user wrote.

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
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self::Line {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
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
    fn quotes_are_short_and_on_one_line() {
        assert_eq!(quote("a = \"b\\c\""), "a = \"b\\c\"");
        assert_eq!(quote("a\nb\u{1b}[31m"), "a\\nb\\u{1b}[31m");
        assert_eq!(quote(&"x".repeat(1_000)).chars().count(), LONGEST_QUOTE + 1);
    }
}
