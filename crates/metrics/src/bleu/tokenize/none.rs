//! `none`: text that is tokenised already.

use std::borrow::Cow;

/// The line as it is.
pub(super) fn separate(line: &str) -> Cow<'_, str> {
    Cow::Borrowed(line)
}

#[cfg(test)]
mod tests {
    use crate::bleu::Tokenize;

    #[test]
    fn keeps_marks_where_they_are() {
        assert_eq!(
            Tokenize::None.tokens(" (a, b)\u{3000}c. "),
            ["(a,", "b)", "c."]
        );
    }
}
