//! Characters that may stand in a line of text, and how tokens are shown in one.

use std::borrow::Cow;
use std::fmt::Write;

use super::pipeline::SPACE;
use super::spaced::ESCAPED;

/// Whether `character` ends a line for some reader (those that Python's `str.splitlines` knows), or a
/// string for some program.
pub(super) fn ends_line(character: char) -> bool {
    matches!(
        character,
        '\0' | '\n'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// `text` with a space in place of each character that ends a line.
pub(super) fn one_line(text: String) -> String {
    if text.contains(ends_line) {
        text.replace(ends_line, " ")
    } else {
        text
    }
}

/// `token` as it can be shown to people, in one line and without white space that means something: a
/// space as `▁`, control characters by their numbers.
///
/// ```
/// assert_eq!(data::tokenizer::visible(", "), ",▁");
/// ```
pub fn visible(token: &str) -> Cow<'_, str> {
    let plain =
        |character: char| character != SPACE && !character.is_control() && !ends_line(character);
    if token.chars().all(plain) {
        return Cow::Borrowed(token);
    }
    let mut shown = String::with_capacity(token.len() + 2);
    let rest = match token.strip_prefix(ESCAPED) {
        Some(rest) => {
            shown.push('<');
            rest
        }
        None => token,
    };
    for character in rest.chars() {
        match character {
            SPACE => shown.push('▁'),
            character if plain(character) => shown.push(character),
            character => {
                // Writing to a string cannot fail.
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
            }
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_line_becomes_a_space() {
        let ends = "\0\n\u{b}\u{c}\r\u{1c}\u{1d}\u{1e}\u{85}\u{2028}\u{2029}";
        assert_eq!(one_line(ends.to_owned()), " ".repeat(11));
        let text = "a\tb\u{1b}\u{1f}\u{a0}";
        assert_eq!(one_line(text.to_owned()), text);
    }

    #[test]
    fn tokens_are_shown_in_one_line() {
        assert_eq!(visible("cat"), "cat");
        assert_eq!(visible(" ( "), "▁(▁");
        assert_eq!(visible("a\tb\u{2028}"), "a\\u{9}b\\u{2028}");
        assert_eq!(visible("<\ns>"), "<s>");
        assert_eq!(visible("\n"), "\\u{a}");
    }
}
