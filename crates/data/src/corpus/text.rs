//! Normal form C, for who compares texts. Reading leaves text as it was written.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// `text` in Unicode normal form C, without white space at its ends.
///
/// ```
/// assert_eq!(data::corpus::normalize(" cafe\u{301}\r"), "caf\u{e9}");
/// ```
pub fn normalize(text: &str) -> String {
    let trimmed = text.trim();
    if trimmed.is_ascii() || is_nfc_quick(trimmed.chars()) == IsNormalized::Yes {
        trimmed.to_owned()
    } else {
        trimmed.nfc().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn normalizing_twice_changes_nothing(text: String) {
            let once = normalize(&text);
            prop_assert_eq!(normalize(&once), once);
        }
    }
}
