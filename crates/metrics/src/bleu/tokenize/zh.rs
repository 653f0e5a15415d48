//! `zh`: Chinese characters one by one, the rest as by `13a`'s rules for punctuation.

use std::borrow::Cow;

use super::punctuation;
use crate::whitespace::is_whitespace;

/// The line with every Chinese character and ASCII mark set apart. Unlike in `13a`, entities stay and
/// the ends of the line are not padded, so that `.5` at its start is one token.
pub(super) fn separate(line: &str) -> Cow<'_, str> {
    let line = line.trim_matches(is_whitespace);
    let mut padded = String::with_capacity(line.len() * 2);
    for character in line.chars() {
        if is_chinese(character) {
            padded.extend([' ', character, ' ']);
        } else {
            padded.push(character);
        }
    }
    Cow::Owned(punctuation::separate(padded))
}

/// The characters that sacreBLEU's `zh` sets apart.
///
/// Its table means to list the supplementary planes (U+20000 to U+2A6D6, U+2F800 to U+2FA1D), but
/// writes them with four-digit escapes, so that in effect it lists U+2001 to U+2A6D and U+2F81 to
/// U+2FA1 (the latter inside another entry). The consequences are part of the metric: dashes, curly
/// quotes, arrows and mathematical operators stand alone, and ideographs of extension B do not.
fn is_chinese(character: char) -> bool {
    matches!(character,
        '\u{2001}'..='\u{2a6d}'   // from General Punctuation to Supplemental Mathematical Operators
        | '\u{2e80}'..='\u{2fdf}' // CJK and Kangxi radicals
        | '\u{2ff0}'..='\u{303f}' // description characters, CJK punctuation
        | '\u{3100}'..='\u{312f}' // Bopomofo
        | '\u{31a0}'..='\u{31ef}' // Bopomofo extended, strokes
        | '\u{3200}'..='\u{4db5}' // enclosed letters, compatibility, extension A
        | '\u{4e00}'..='\u{9fbb}' // unified ideographs up to Unicode 4.1
        | '\u{f900}'..='\u{fa2d}' // compatibility ideographs
        | '\u{fa30}'..='\u{fa6a}'
        | '\u{fa70}'..='\u{fad9}'
        | '\u{fe10}'..='\u{fe1f}' // vertical forms
        | '\u{fe30}'..='\u{fe4f}' // compatibility forms
        | '\u{ff00}'..='\u{ffef}' // full-width and half-width forms
    )
}

#[cfg(test)]
mod tests {
    use crate::bleu::Tokenize;

    fn spaced(line: &str) -> String {
        Tokenize::Zh.tokens(line).join(" ")
    }

    #[test]
    fn sets_characters_and_marks_apart() {
        assert_eq!(spaced("我有3,000.5元。"), "我 有 3,000.5 元 。");
        assert_eq!(spaced("用GPU训练(很快)!"), "用 GPU 训 练 ( 很 快 ) !");
    }

    #[test]
    fn keeps_entities_as_they_are() {
        assert_eq!(spaced("&amp;"), "& amp ;");
    }

    #[test]
    fn follows_the_table_as_it_is_not_as_it_was_meant() {
        assert_eq!(spaced("a\u{201c}b\u{201d}c"), "a \u{201c} b \u{201d} c");
        assert_eq!(spaced("\u{20000}\u{20001}"), "\u{20000}\u{20001}");
        assert_eq!(spaced("ひら"), "ひら");
    }
}
