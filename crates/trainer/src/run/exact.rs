//! Numbers in JSON that come back bit for bit: as text, because a JSON reader may round the last
//! digit of a number.

use serde::{Deserialize, Deserializer, Serializer, de};

/// Forms in which a number may be written.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Number(f64),
}

impl Written {
    fn value<E: de::Error>(self) -> Result<f64, E> {
        match self {
            Written::Text(text) => text
                .parse()
                .map_err(|_| E::custom(format!("`{text}` is no number"))),
            Written::Number(number) => Ok(number),
        }
    }
}

/// Writes the shortest text that names the number.
pub(crate) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Reads it back.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Written::deserialize(deserializer)?.value()
}

/// The same for a number that may be missing.
pub(crate) mod option {
    use super::{Deserialize, Deserializer, Serializer, Written};

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<f64>, D::Error> {
        let written = Option::<Written>::deserialize(deserializer)?;
        written.map(Written::value).transpose()
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Serialize, Deserialize)]
    struct Numbers {
        #[serde(with = "super")]
        one: f64,
        #[serde(with = "super::option")]
        other: Option<f64>,
    }

    #[test]
    fn every_number_comes_back_bit_for_bit() {
        let mut value = 1.0_f64;
        for power in 0..200 {
            value *= 0.7;
            let other = (power % 2 == 0).then_some(-1.0 / value);
            let text = serde_json::to_string(&Numbers { one: value, other }).unwrap();
            let read: Numbers = serde_json::from_str(&text).unwrap();
            assert_eq!(read.one.to_bits(), value.to_bits(), "{text}");
            assert_eq!(
                read.other.map(f64::to_bits),
                other.map(f64::to_bits),
                "{text}"
            );
        }
        let endless = Numbers {
            one: f64::INFINITY,
            other: None,
        };
        let text = serde_json::to_string(&endless).unwrap();
        let read: Numbers = serde_json::from_str(&text).unwrap();
        assert_eq!(read.one, f64::INFINITY);
    }

    #[test]
    fn a_plain_number_is_read_and_other_text_refused() {
        let read: Numbers = serde_json::from_str(r#"{"one": 0.5, "other": 2}"#).unwrap();
        assert_eq!((read.one, read.other), (0.5, Some(2.0)));
        assert!(serde_json::from_str::<Numbers>(r#"{"one": "half", "other": null}"#).is_err());
    }
}
