//! Words as links count them.

use std::ops::Range;

use crate::en_zh;

/// Definition of a word for links; words are numbered from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Pieces between white space, on both sides.
    Spaced,
    /// English words and marks, as [`en_zh::source_tokens`] has them, and Chinese characters.
    EnglishChinese,
}

impl Words {
    /// The bytes of each word of a source sentence.
    pub fn of_source(self, text: &str) -> Vec<Range<usize>> {
        match self {
            Self::Spaced => spaced(text),
            Self::EnglishChinese => en_zh::source_spans(text),
        }
    }

    /// The bytes of each word of a target sentence.
    pub fn of_target(self, text: &str) -> Vec<Range<usize>> {
        match self {
            Self::Spaced => spaced(text),
            Self::EnglishChinese => text
                .char_indices()
                .map(|(start, letter)| start..start + letter.len_utf8())
                .collect(),
        }
    }
}

fn spaced(text: &str) -> Vec<Range<usize>> {
    let start_of = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    let words = text.split_whitespace();
    words
        .map(|word| start_of(word)..start_of(word) + word.len())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(spans: Vec<Range<usize>>, text: &str) -> Vec<&str> {
        spans.into_iter().map(|span| &text[span]).collect()
    }

    #[test]
    fn words_are_cut_where_links_count_them() {
        let (english, chinese) = ("Tom's  cups, 3,000.", "他 们。");
        let (spaced, marked) = (Words::Spaced, Words::EnglishChinese);
        assert_eq!(
            cut(spaced.of_source(english), english),
            ["Tom's", "cups,", "3,000."]
        );
        assert_eq!(cut(spaced.of_target(chinese), chinese), ["他", "们。"]);
        assert_eq!(
            cut(marked.of_source(english), english),
            ["Tom's", "cups", ",", "3,000", "."]
        );
        assert_eq!(
            cut(marked.of_target(chinese), chinese),
            ["他", " ", "们", "。"]
        );
    }
}
