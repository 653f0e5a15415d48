//! `char`: one token a character.

use std::borrow::Cow;

/// The line with a space after every character.
pub(super) fn separate(line: &str) -> Cow<'_, str> {
    Cow::Owned(
        line.chars()
            .flat_map(|character| [character, ' '])
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use crate::bleu::Tokenize;

    #[test]
    fn every_code_point_is_a_token() {
        assert_eq!(
            Tokenize::Char.tokens("a 好e\u{301}"),
            ["a", "好", "e", "\u{301}"]
        );
    }
}
