//! `13a`: NIST's `mteval-v13a`, the usual choice for languages that write spaces between words.

use std::borrow::Cow;

use super::punctuation;

/// Undoes what SGML files do to a text, in this order: markers of skipped segments, words hyphenated
/// over the end of a line, ends of lines, entities. `&amp;lt;` thus becomes `<`.
const UNESCAPE: [(&str, &str); 7] = [
    ("<skipped>", ""),
    ("-\n", ""),
    ("\n", " "),
    ("&quot;", "\""),
    ("&amp;", "&"),
    ("&lt;", "<"),
    ("&gt;", ">"),
];

/// The line unescaped and with its punctuation set apart.
pub(super) fn separate(line: &str) -> Cow<'_, str> {
    // With a space at either end, the rules about neighbours hold at the ends of the line too.
    let mut text = format!(" {line} ");
    for (from, to) in UNESCAPE {
        if text.contains(from) {
            text = text.replace(from, to);
        }
    }
    Cow::Owned(punctuation::separate(text))
}

#[cfg(test)]
mod tests {
    use crate::bleu::Tokenize;

    fn spaced(line: &str) -> String {
        Tokenize::ThirteenA.tokens(line).join(" ")
    }

    #[test]
    fn keeps_marks_inside_numbers() {
        assert_eq!(
            spaced("3,000.5 is 2-3, not -7."),
            "3,000.5 is 2 - 3 , not -7 ."
        );
    }

    #[test]
    fn keeps_apostrophes_and_hyphens_of_words() {
        assert_eq!(
            spaced("It's well-known (really)!"),
            "It's well-known ( really ) !"
        );
    }

    #[test]
    fn undoes_entities_in_order() {
        assert_eq!(spaced("&amp;lt;b&amp;gt; &quot;x&quot;"), "< b > \" x \"");
    }

    #[test]
    fn splits_ascii_marks_but_not_full_width_ones() {
        assert_eq!(spaced("你好,世界."), "你好 , 世界 .");
        assert_eq!(
            spaced("你好\u{ff0c}世界\u{3002}"),
            "你好\u{ff0c}世界\u{3002}"
        );
    }
}
