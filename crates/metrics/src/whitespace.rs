//! White space as Python's `str.split` and `str.strip` see it, because sacreBLEU's tokens are what
//! those leave: Unicode's `White_Space` and, beyond it, the four ASCII separators U+001C to U+001F.

/// Whether Python's `str.isspace` holds for this character.
pub(crate) fn is_whitespace(character: char) -> bool {
    matches!(character, '\u{1c}'..='\u{1f}') || character.is_whitespace()
}

/// The maximal runs of characters that are not white space.
pub(crate) fn split(line: &str) -> impl Iterator<Item = &str> {
    line.split(is_whitespace).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_separators_rust_does_not_know() {
        let words: Vec<_> = split(" a\u{1c}b\u{3000}c\u{1f} \td\u{a0}").collect();
        assert_eq!(words, ["a", "b", "c", "d"]);
    }

    #[test]
    fn a_zero_width_space_separates_nothing() {
        assert_eq!(split("a\u{200b}b").count(), 1);
    }
}
