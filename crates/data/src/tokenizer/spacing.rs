//! Puts words and marks back together as people write them, for vocabularies of former versions, which do
//! not say how.

use super::script::{is_unspaced, is_unspaced_letter};

/// To which neighbours a token sticks.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Sticks {
    left: bool,
    right: bool,
}

const ALONE: Sticks = Sticks {
    left: false,
    right: false,
};
const TO_THE_LEFT: Sticks = Sticks {
    left: true,
    right: false,
};
const TO_THE_RIGHT: Sticks = Sticks {
    left: false,
    right: true,
};
const BOTH_WAYS: Sticks = Sticks {
    left: true,
    right: true,
};

/// The text of `tokens`, spaced by the habits of their scripts.
///
/// Chinese and Japanese take no spaces; other scripts take one between words, none before closing
/// and none after opening marks. Where a sentence mixes scripts, the commoner one decides whether a
/// space stands between them: 我用Linux, but Tom speaks 汉语 well.
pub(super) fn join(tokens: &[&str]) -> String {
    let unspaced = tokens
        .iter()
        .flat_map(|token| token.chars())
        .filter(|character| is_unspaced_letter(*character))
        .count();
    let spaced_words = tokens
        .iter()
        .filter(|token| is_word(token) && !token.starts_with(is_unspaced))
        .count();
    let mostly_unspaced = unspaced > 0 && unspaced >= spaced_words;

    let mut text = String::new();
    let mut quotes = Quotes::default();
    let mut previous: Option<Sticks> = None;
    for (index, token) in tokens.iter().enumerate() {
        let sticks = quotes.sticks(tokens, index);
        if let Some(before) = previous {
            let left = text.chars().next_back().is_some_and(is_unspaced);
            let right = token.starts_with(is_unspaced);
            let stuck = before.right
                || sticks.left
                || (left && right)
                || (mostly_unspaced && (left || right || !is_word(token)))
                || text.chars().next_back().is_some_and(is_unspaced_mark)
                || token.starts_with(is_unspaced_mark);
            if !stuck {
                text.push(' ');
            }
        }
        text.push_str(token);
        previous = Some(sticks);
    }
    text
}

/// Straight quotation marks look alike at both ends, so they are counted.
#[derive(Default)]
struct Quotes {
    double_open: bool,
    single_open: bool,
}

impl Quotes {
    fn sticks(&mut self, tokens: &[&str], index: usize) -> Sticks {
        let word_at = |place: Option<usize>| {
            place
                .and_then(|place| tokens.get(place))
                .is_some_and(|token| is_word(token))
        };
        let number_at = |place: Option<usize>| {
            place
                .and_then(|place| tokens.get(place))
                .is_some_and(|token| token.starts_with(|c: char| c.is_ascii_digit()))
        };
        let (before, after) = (index.checked_sub(1), Some(index + 1));
        match tokens[index] {
            "," | "." | "!" | "?" | ";" | ":" | "%" | "‰" | ")" | "]" | "}" | "”" | "’" | "»"
            | "…" | "……" | "..." | "...." => TO_THE_LEFT,
            "(" | "[" | "{" | "“" | "‘" | "«" | "¿" | "¡" | "$" | "£" | "€" | "¥" | "#" => {
                TO_THE_RIGHT
            }
            "/" | "@" | "—" | "——" => BOTH_WAYS,
            "°" if matches!(tokens.get(index + 1), Some(&("C" | "F"))) => BOTH_WAYS,
            "°" => TO_THE_LEFT,
            "-" if word_at(before) && word_at(after) => BOTH_WAYS,
            "-" if number_at(after) => TO_THE_RIGHT,
            "–" if number_at(before) && number_at(after) => BOTH_WAYS,
            "\"" => {
                self.double_open = !self.double_open;
                end_of_quotation(self.double_open)
            }
            "'" if self.single_open => {
                self.single_open = false;
                TO_THE_LEFT
            }
            "'" => {
                // Without a partner it is an apostrophe: the boys' toys, or 'tis.
                self.single_open = tokens[index + 1..].contains(&"'");
                let possessive = before.is_some_and(|place| tokens[place].ends_with(['s', 'S']));
                end_of_quotation(self.single_open || !possessive)
            }
            _ => ALONE,
        }
    }
}

fn end_of_quotation(opening: bool) -> Sticks {
    if opening { TO_THE_RIGHT } else { TO_THE_LEFT }
}

fn is_word(token: &str) -> bool {
    token.starts_with(char::is_alphanumeric)
}

fn is_unspaced_mark(character: char) -> bool {
    is_unspaced(character) && !is_unspaced_letter(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(spaced: &str) -> String {
        join(&spaced.split(' ').collect::<Vec<_>>())
    }

    #[test]
    fn english_is_spaced_as_it_is_written() {
        for (tokens, text) in [
            ("How are you ?", "How are you?"),
            ("Well , I don't know .", "Well, I don't know."),
            (
                "He said , \" No ! \" and left .",
                "He said, \"No!\" and left.",
            ),
            (
                "the boys ' toys ( all 3 ) cost $ 5 .",
                "the boys' toys (all 3) cost $5.",
            ),
            ("' Yes , ' said Tom .", "'Yes,' said Tom."),
            (
                "a well - known , 50 % pay rise : 10:30",
                "a well-known, 50% pay rise: 10:30",
            ),
            (
                "it is : - 5 ° C , not 5 ° , here ...",
                "it is: -5°C, not 5°, here...",
            ),
            ("“ Stop ! ” he cried .", "“Stop!” he cried."),
        ] {
            assert_eq!(joined(tokens), text);
        }
    }

    #[test]
    fn chinese_takes_no_spaces() {
        for (tokens, text) in [
            ("汤 姆 追 逐 杰 瑞 。", "汤姆追逐杰瑞。"),
            (
                "我 在 2010 年 买 了 3 本 书 ， 对 吗 ？",
                "我在2010年买了3本书，对吗？",
            ),
            ("我 用 Windows XP 上 网 。", "我用Windows XP上网。"),
            (
                "他 说 ： “ 你 好 ！ ” “ OK ！ ” ……",
                "他说：“你好！”“OK！”……",
            ),
            ("你 会 说 Hello , Tom 吗 ？", "你会说Hello, Tom吗？"),
        ] {
            assert_eq!(joined(tokens), text);
        }
    }

    #[test]
    fn mixed_text_follows_the_commoner_script() {
        assert_eq!(joined("Tom speaks 汉 语 well ."), "Tom speaks 汉语 well.");
        assert_eq!(joined("한국 사람 입니다 ."), "한국 사람 입니다.");
        assert_eq!(joined("カメラ を 買 う 。"), "カメラを買う。");
        assert_eq!(join(&[]), "");
    }
}
