//! The words of chrF++: what white space separates, with a mark at one end cut off.

use crate::whitespace::split;

/// The words of a line. A word of two or more characters that ends in an ASCII mark gives that mark
/// away; only if it does not, one that begins with a mark does: `(hi)` becomes `(hi` and `)`.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> {
    split(line).flat_map(|word| {
        let (head, tail) = cut(word);
        [head, tail].into_iter().filter(|part| !part.is_empty())
    })
}

/// Both halves of a word; one of them is empty when there is nothing to cut off.
fn cut(word: &str) -> (&str, &str) {
    // An ASCII mark is one byte, so a cut beside it falls between characters.
    let bytes = word.as_bytes();
    if bytes.last().is_some_and(u8::is_ascii_punctuation) {
        word.split_at(word.len() - 1)
    } else if bytes.first().is_some_and(u8::is_ascii_punctuation) {
        word.split_at(1)
    } else {
        (word, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mark_a_word_is_cut_off() {
        let words: Vec<_> = words("(hi) \"no -- . 'x 好。 wait...").collect();
        let expected = [
            "(hi", ")", "\"", "no", "-", "-", ".", "'", "x", "好。", "wait..", ".",
        ];
        assert_eq!(words, expected);
    }
}
