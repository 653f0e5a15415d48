//! Where a corpus comes from, as a config or a command line names it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::de::{self, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::builtin::Builtin;
use crate::error::DataError;

/// Where a corpus comes from.
///
/// Written as one string (a TSV path, or `builtin:en-zh:train` and its fellows) or as a table of
/// two parallel files, `{ source = "x.en", target = "x.zh" }`. Files may be gzip or zstd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorpusSource {
    /// A file of lines `source TAB target`; further columns are ignored.
    Tsv(PathBuf),
    /// Two files of which line n of one translates line n of the other.
    Parallel {
        /// The source language's file.
        source: PathBuf,
        /// The target language's file.
        target: PathBuf,
    },
    /// A built-in corpus.
    Builtin(Builtin),
}

impl FromStr for CorpusSource {
    type Err = DataError;

    fn from_str(text: &str) -> Result<Self, DataError> {
        if !Builtin::is_name(text) {
            return Ok(Self::Tsv(PathBuf::from(text)));
        }
        Builtin::named(text)
            .map(Self::Builtin)
            .ok_or_else(|| DataError::UnknownBuiltin {
                name: text.to_owned(),
                known: Builtin::choices(text),
            })
    }
}

impl fmt::Display for CorpusSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tsv(path) => write!(formatter, "{}", path.display()),
            Self::Parallel { source, target } => {
                write!(formatter, "{} and {}", source.display(), target.display())
            }
            Self::Builtin(builtin) => builtin.fmt(formatter),
        }
    }
}

/// The table form; its own type so that misspelt keys are named.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ParallelFiles {
    source: PathBuf,
    target: PathBuf,
}

impl Serialize for CorpusSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Parallel { source, target } => ParallelFiles {
                source: source.clone(),
                target: target.clone(),
            }
            .serialize(serializer),
            single => serializer.collect_str(single),
        }
    }
}

impl<'de> Deserialize<'de> for CorpusSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StringOrTable;
        impl<'de> Visitor<'de> for StringOrTable {
            type Value = CorpusSource;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(
                    "a TSV path, a built-in corpus or { source = \"x.en\", target = \"x.zh\" }",
                )
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<CorpusSource, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<CorpusSource, A::Error> {
                let files = ParallelFiles::deserialize(MapAccessDeserializer::new(map))?;
                Ok(CorpusSource::Parallel {
                    source: files.source,
                    target: files.target,
                })
            }
        }
        deserializer.deserialize_any(StringOrTable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<CorpusSource, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn every_form_survives_writing_and_reading() {
        let forms = [
            "\"x.tsv.gz\"",
            "{\"source\":\"x.en\",\"target\":\"x.zh\"}",
            "\"builtin:en-zh:train\"",
            "\"builtin:en-zh:unseen\"",
            "\"builtin:reverse-20:test\"",
        ];
        for form in forms {
            let source = parse(form).unwrap();
            assert_eq!(serde_json::to_string(&source).unwrap(), form);
        }
        let parallel = parse(forms[1]).unwrap();
        assert_eq!(parallel.to_string(), "x.en and x.zh");
    }

    #[test]
    fn mistakes_are_named() {
        let message = parse("\"builtin:en-zh:trian\"").unwrap_err();
        assert!(message.contains("`builtin:en-zh:trian`"), "{message}");
        for split in ["builtin:en-zh:train", ":valid", ":test", ":unseen"] {
            assert!(message.contains(split), "{message}");
        }
        let message = parse("{\"source\":\"a\",\"traget\":\"b\"}").unwrap_err();
        assert!(message.contains("traget"), "{message}");
        let message = parse("3").unwrap_err();
        assert!(message.contains("a TSV path"), "{message}");
    }
}
