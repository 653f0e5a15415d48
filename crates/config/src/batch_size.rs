//! The size of a batch: given, or found.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The size of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchSize {
    /// As large as memory lets it be; decided when a run begins.
    Auto,
    /// So many sentences or tokens.
    Of(usize),
}

/// How "auto" is written.
const AUTO: &str = "auto";

impl BatchSize {
    /// The largest that may be given or found.
    pub const MOST: usize = 10_000_000;

    /// The number, once it is known.
    pub fn known(self) -> Option<usize> {
        match self {
            Self::Auto => None,
            Self::Of(size) => Some(size),
        }
    }
}

impl Serialize for BatchSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str(AUTO),
            Self::Of(size) => size.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for BatchSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrAuto;
        impl Visitor<'_> for NumberOrAuto {
            type Value = BatchSize;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a whole number or \"auto\"")
            }

            fn visit_unit<E: Error>(self) -> Result<BatchSize, E> {
                Ok(BatchSize::Of(0))
            }

            fn visit_u64<E: Error>(self, size: u64) -> Result<BatchSize, E> {
                let number = usize::try_from(size);
                let wrong = |_| E::invalid_value(Unexpected::Unsigned(size), &self);
                number.map(BatchSize::Of).map_err(wrong)
            }

            fn visit_i64<E: Error>(self, size: i64) -> Result<BatchSize, E> {
                let number = usize::try_from(size).map(BatchSize::Of);
                number.map_err(|_| {
                    let found = size.to_string();
                    E::invalid_value(Unexpected::Other(&found), &"a whole number, 0 or more")
                })
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<BatchSize, E> {
                // A number on the command line is text until somebody wants a number.
                match (text, text.parse()) {
                    (AUTO, _) => Ok(BatchSize::Auto),
                    (_, Ok(size)) => Ok(BatchSize::Of(size)),
                    (other, Err(_)) => Err(E::invalid_type(Unexpected::Str(other), &self)),
                }
            }
        }
        deserializer.deserialize_any(NumberOrAuto)
    }
}
