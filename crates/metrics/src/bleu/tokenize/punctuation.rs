//! The splitting of ASCII punctuation that `13a` and `zh` share.
//!
//! Four rules of the form "where this is seen, put spaces there", one after the other. Each goes
//! through the line once from the left and never looks twice at a character it has used, which shows
//! at runs such as `...` and `1.,2`; one rule over all four at once would not do the same.

/// Sets ASCII punctuation apart:
/// 1. every mark but `'`, `,`, `-` and `.` stands alone;
/// 2. `.` and `,` stand alone after anything that is no digit;
/// 3. `.` and `,` stand alone before anything that is no digit;
/// 4. `-` stands alone after a digit.
pub(super) fn separate(line: String) -> String {
    let line = pad_marks(&line);
    let line = pad_pairs(
        &line,
        |left, right| !left.is_ascii_digit() && is_stop(right),
        After,
    );
    let line = pad_pairs(
        &line,
        |left, right| is_stop(left) && !right.is_ascii_digit(),
        Before,
    );
    pad_pairs(
        &line,
        |left, right| left.is_ascii_digit() && right == '-',
        After,
    )
}

/// Which character of a pair gets spaces on both sides.
enum Padded {
    /// The left one.
    Before,
    /// The right one.
    After,
}
use Padded::{After, Before};

fn is_stop(character: char) -> bool {
    matches!(character, '.' | ',')
}

fn pad_marks(line: &str) -> String {
    let mut padded = String::with_capacity(line.len() * 2);
    for character in line.chars() {
        if character.is_ascii_punctuation() && !matches!(character, '\'' | ',' | '-' | '.') {
            padded.extend([' ', character, ' ']);
        } else {
            padded.push(character);
        }
    }
    padded
}

fn pad_pairs(line: &str, is_pair: impl Fn(char, char) -> bool, side: Padded) -> String {
    let mut padded = String::with_capacity(line.len() * 2);
    let mut characters = line.chars().peekable();
    while let Some(left) = characters.next() {
        match (characters.next_if(|&right| is_pair(left, right)), &side) {
            (Some(right), Before) => padded.extend([' ', left, ' ', right]),
            (Some(right), After) => padded.extend([left, ' ', right, ' ']),
            (None, _) => padded.push(left),
        }
    }
    padded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whitespace::split;

    fn spaced(line: &str) -> String {
        split(&separate(line.to_owned()))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn a_pair_uses_up_both_of_its_characters() {
        assert_eq!(spaced("a...b"), "a . . . b");
        assert_eq!(spaced("1..2"), "1 . . 2");
        assert_eq!(spaced("1.,2"), "1 . , 2");
        assert_eq!(spaced("1--2"), "1 - -2");
    }

    #[test]
    fn the_first_character_has_no_left_neighbour() {
        assert_eq!(spaced(".5"), ".5");
        assert_eq!(spaced(" .5"), ". 5");
    }

    #[test]
    fn other_digits_are_no_digits() {
        assert_eq!(spaced("٣.٤"), "٣ . ٤");
    }
}
