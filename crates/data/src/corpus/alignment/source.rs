//! Where links come from, as a config names it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use corpora::Builtin;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::DataError;

/// Where links come from: the path of a file, or `builtin:en-zh:train` and its fellows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkSource {
    /// A file with a line for each line of the corpus: `SOURCE-TARGET` with white space between (the format of
    /// `fast_align`; Dyer et al. 2013). Words are what white space parts, numbered from 0; a blank line means a
    /// pair without links.
    File(PathBuf),
    /// Those that a built-in corpus knows of its own pairs.
    Builtin(Builtin),
}

impl LinkSource {
    /// Returns the error for a name that stands for no links.
    pub(super) fn unknown(name: &str) -> DataError {
        let name = name.to_owned();
        let known = Builtin::listing_of(|task| task.has_links());
        DataError::NoLinks { name, known }
    }
}

impl FromStr for LinkSource {
    type Err = DataError;

    fn from_str(text: &str) -> Result<Self, DataError> {
        if !Builtin::is_name(text) {
            return Ok(Self::File(PathBuf::from(text)));
        }
        Builtin::named(text)
            .filter(|builtin| builtin.has_links())
            .map(Self::Builtin)
            .ok_or_else(|| Self::unknown(text))
    }
}

impl Serialize for LinkSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LinkSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = LinkSource;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the path of a file of links, or a built-in corpus with links")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<LinkSource, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl fmt::Display for LinkSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Builtin(builtin) => builtin.fmt(formatter),
        }
    }
}
