//! Which characters belong to scripts that are written without spaces.

use std::fmt::Write;
use std::ops::RangeInclusive;

type Ranges = &'static [RangeInclusive<char>];

/// Chinese characters: radicals, 々〆〇, Suzhou numerals, the unified ideographs with all their
/// extensions, compatibility ideographs. Ranges of whole blocks, so that no Unicode version matters.
pub(super) const HAN: Ranges = &[
    '\u{2e80}'..='\u{2fdf}',
    '\u{3005}'..='\u{3007}',
    '\u{3021}'..='\u{3029}',
    '\u{3038}'..='\u{303b}',
    '\u{3400}'..='\u{4dbf}',
    '\u{4e00}'..='\u{9fff}',
    '\u{f900}'..='\u{faff}',
    '\u{20000}'..='\u{2fa1f}',
    '\u{30000}'..='\u{3fffd}',
];

/// Hiragana with its voicing and iteration marks.
pub(super) const HIRAGANA: Ranges = &['\u{3041}'..='\u{3096}', '\u{3099}'..='\u{309f}'];

/// Katakana, full and half width, without its middle dot.
pub(super) const KATAKANA: Ranges = &[
    '\u{30a1}'..='\u{30fa}',
    '\u{30fc}'..='\u{30ff}',
    '\u{31f0}'..='\u{31ff}',
    '\u{ff66}'..='\u{ff9f}',
];

/// Bopomofo, and the marks and full-width forms that belong to the scripts above.
const EAST_ASIAN_FORMS: Ranges = &[
    '\u{3000}'..='\u{303f}',
    '\u{30a0}'..='\u{30a0}',
    '\u{30fb}'..='\u{30fb}',
    '\u{3100}'..='\u{312f}',
    '\u{31a0}'..='\u{31bf}',
    '\u{fe30}'..='\u{fe4f}',
    '\u{ff00}'..='\u{ff65}',
    '\u{ffe0}'..='\u{ffee}',
];

/// Whether `character` is written without spaces around it.
pub(super) fn is_unspaced(character: char) -> bool {
    [HAN, HIRAGANA, KATAKANA, EAST_ASIAN_FORMS]
        .iter()
        .any(|ranges| ranges.iter().any(|range| range.contains(&character)))
}

/// Whether `character` is a letter, so to say, of a script without spaces.
pub(super) fn is_unspaced_letter(character: char) -> bool {
    [HAN, HIRAGANA, KATAKANA]
        .iter()
        .any(|ranges| ranges.iter().any(|range| range.contains(&character)))
}

/// Whether `character` is a letter of a further script that is written without spaces: Thai, Lao, Tibetan, Burmese,
/// Khmer.
pub(super) fn is_written_without_spaces(character: char) -> bool {
    matches!(character, '\u{0e00}'..='\u{0fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

/// `ranges` as the inside of a regular expression's bracket.
pub(super) fn class(ranges: &[Ranges]) -> String {
    let mut out = String::new();
    for range in ranges.iter().copied().flatten() {
        let (first, last) = (u32::from(*range.start()), u32::from(*range.end()));
        // Writing to a string cannot fail.
        let _ = write!(out, "\\x{{{first:X}}}-\\x{{{last:X}}}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_told_apart() {
        for character in "你〇々㐀𠀀𰻝豈あん゛カー。，！「」ＡＢ　・".chars()
        {
            assert!(is_unspaced(character), "{character}");
        }
        for character in "aé3.,한글“—…·я".chars() {
            assert!(!is_unspaced(character), "{character}");
        }
        assert!(is_unspaced_letter('汉') && !is_unspaced_letter('。'));
    }
}
