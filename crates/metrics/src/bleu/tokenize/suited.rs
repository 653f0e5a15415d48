//! Which tokenizer suits a language, found by its script.

use super::Tokenize;

/// So many texts are looked at.
const MOST: usize = 10_000;

impl Tokenize {
    /// The tokenizer that suits `texts`: `zh` for Chinese; `char` for other scripts that are written without spaces
    /// (Japanese, Thai, Lao, Khmer, Burmese, Tibetan) and for words that stand alone, of which BLEU of words would say
    /// nothing; `13a` for the rest.
    pub fn suited_to<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut letters, mut han, mut unspaced) = (0_usize, 0_usize, 0_usize);
        let (mut lines, mut alone) = (0_usize, 0_usize);
        for text in texts.into_iter().take(MOST) {
            let text = text.trim();
            lines += 1;
            alone += usize::from(!text.contains(char::is_whitespace));
            for letter in text.chars().filter(|letter| letter.is_alphabetic()) {
                letters += 1;
                han += usize::from(is_han(letter));
                unspaced += usize::from(is_unspaced(letter));
            }
        }
        if 2 * (han + unspaced) > letters {
            // Japanese has both; a tenth of kana tells it from Chinese that quotes a name.
            return if 10 * unspaced > han {
                Self::Char
            } else {
                Self::Zh
            };
        }
        if 2 * alone > lines {
            return Self::Char;
        }
        Self::ThirteenA
    }
}

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// Kana, Thai, Lao, Tibetan, Burmese, Khmer.
fn is_unspaced(letter: char) -> bool {
    matches!(letter, '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' | '\u{0e00}'..='\u{0eff}'
        | '\u{0f00}'..='\u{0fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_decides() {
        let suited = |texts: &[&str]| Tokenize::suited_to(texts.iter().copied());
        assert_eq!(suited(&["我妹妹昨天买了三本书。", "OK 吗？"]), Tokenize::Zh);
        assert_eq!(suited(&["カメラを買う。", "水を飲む。"]), Tokenize::Char);
        assert_eq!(suited(&["ฉันชอบกินข้าว"]), Tokenize::Char);
        assert_eq!(
            suited(&["I like rice.", "한국 사람입니다."]),
            Tokenize::ThirteenA
        );
        assert_eq!(suited(&["dulamaplar", "vikler"]), Tokenize::Char);
        assert_eq!(suited(&["T R IH P", "AA B"]), Tokenize::ThirteenA);
        assert_eq!(suited(&[]), Tokenize::ThirteenA);
    }
}
