//! How the yardstick cuts text.

/// Lower-cased words and marks: what Python's `re.findall(r"\w+(?:'\w+)?|[^\w\s]", text.lower())`
/// finds. A word may hold one apostrophe that has letters on both sides.
///
/// Letters are those of the Unicode property Alphabetic here and those of the categories L in Python;
/// they differ in combining vowel signs only.
pub(super) fn words(text: &str) -> Vec<String> {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let word_end = |from: usize| {
        let length = text[from..].iter().position(|&c| !is_word(c));
        length.map_or(text.len(), |length| from + length)
    };
    let mut found = Vec::new();
    let mut place = 0;
    while place < text.len() {
        let start = place;
        place = word_end(start);
        if place == start {
            place += 1;
            if is_space(text[start]) {
                continue;
            }
        } else if text.get(place) == Some(&'\'') {
            let end = word_end(place + 1);
            if end > place + 1 {
                place = end;
            }
        }
        found.push(text[start..place].iter().collect());
    }
    found
}

/// The characters, spaces left out.
pub(super) fn characters(text: &str) -> Vec<String> {
    let kept = text.chars().filter(|&c| c != ' ');
    kept.map(String::from).collect()
}

/// Python's `\w`.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Python's `\s`, which has four separators more than the property White_Space.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The right-hand sides are what Python 3 printed.
    #[test]
    fn words_are_those_of_the_regular_expression() {
        let cases: [(&str, &[&str]); 12] = [
            ("How are you?", &["how", "are", "you", "?"]),
            ("I don't know.", &["i", "don't", "know", "."]),
            ("rock'n'roll", &["rock'n", "'", "roll"]),
            (
                "'tis the boys' ball",
                &["'", "tis", "the", "boys", "'", "ball"],
            ),
            (
                "\"Wait...\" -- she said",
                &["\"", "wait", ".", ".", ".", "\"", "-", "-", "she", "said"],
            ),
            (
                "$3.50 for 2_000 items",
                &["$", "3", ".", "50", "for", "2_000", "items"],
            ),
            ("Élan naïve CAFÉ", &["élan", "naïve", "café"]),
            ("it’s", &["it", "’", "s"]),
            ("a\t b\u{a0}c\u{1c}d", &["a", "b", "c", "d"]),
            ("x² ½ Ⅷ 東京", &["x²", "½", "ⅷ", "東京"]),
            ("İ ΣΑΣ", &["i", "\u{307}", "σας"]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn characters_leave_out_spaces_alone() {
        assert_eq!(
            characters("你 好\u{3000}A。"),
            ["你", "好", "\u{3000}", "A", "。"]
        );
    }
}
