//! The Unicode forms that text is put in before it is cut.

use serde::{Deserialize, Serialize};

use crate::corpus::Side;

/// In which Unicode normal form text is cut into tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Normalization {
    /// As it is written.
    #[default]
    None,
    /// Form C: letters and their accents as one character where there is one.
    Nfc,
    /// Form D: accents as characters of their own, Korean syllables as letters.
    Nfd,
    /// Form C, with characters that only look different made one: full width, ligatures.
    Nfkc,
    /// Form D, with characters that only look different made one.
    Nfkd,
}

impl Normalization {
    /// The form of a side whose config names none: C for sources, so that however a text is
    /// encoded it is read alike; none for targets, so that what is written is what was learned.
    /// A vocabulary that both sides share has the target's.
    pub fn of_side(side: Side) -> Self {
        match side {
            Side::Source => Self::Nfc,
            Side::Target => Self::None,
        }
    }

    /// The name of the library's normaliser.
    pub(super) fn library_name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Nfc => Some("NFC"),
            Self::Nfd => Some("NFD"),
            Self::Nfkc => Some("NFKC"),
            Self::Nfkd => Some("NFKD"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_named_in_lower_case() {
        for (form, name) in [
            (Normalization::None, "\"none\""),
            (Normalization::Nfc, "\"nfc\""),
            (Normalization::Nfkd, "\"nfkd\""),
        ] {
            assert_eq!(serde_json::to_string(&form).unwrap(), name);
            let read: Normalization = serde_json::from_str(name).unwrap();
            assert_eq!(read, form);
        }
        assert_eq!(
            Normalization::of_side(Side::Target),
            Normalization::default()
        );
    }
}
