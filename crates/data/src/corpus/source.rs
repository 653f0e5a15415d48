//! Where a corpus comes from, as a config or a command line names it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use corpora::Builtin;
use serde::de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::open::{is_standard_input, shown};
use super::part::{Part, Table};
use crate::error::DataError;

/// Where a corpus comes from.
///
/// Written as one string (a TSV path, or `builtin:en-zh:train` and its fellows) or as a table of
/// two parallel files, `{ source = "x.en", target = "x.zh" }`, or as a list of such. Files may be gzip or zstd; one may be
/// `-`, standard input. In a table a corpus may have a tag and, to learn from, a weight: `{ corpus = "x.tsv", tag = "news" }`.
#[derive(Debug, Clone, PartialEq)]
pub enum CorpusSource {
    /// A file of lines `source TAB target`, or with the columns that [`super::ReadOptions::columns`] names.
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
    /// Several corpora, read one after the other.
    List(Vec<Part>),
}

impl CorpusSource {
    /// Returns the corpus that the arguments of a command name: a TSV file, a built-in corpus, or two parallel files.
    ///
    /// # Errors
    /// No argument or more than two; a built-in corpus beside a file; standard input twice; a built-in corpus that
    /// does not exist.
    pub fn of_arguments(arguments: &[PathBuf]) -> Result<Self, DataError> {
        let wrong = |cause: String| Err(DataError::CorpusArguments { cause });
        match arguments {
            [] => wrong("no corpus is named".into()),
            [one] => match one.to_str() {
                Some(text) => text.parse(),
                None => Ok(Self::Tsv(one.clone())),
            },
            [source, target] => {
                let is_builtin = |path: &&PathBuf| path.to_str().is_some_and(Builtin::is_name);
                if let Some(builtin) = [source, target].into_iter().find(is_builtin) {
                    let name = builtin.display();
                    return wrong(format!("`{name}` has both sides and goes with no other"));
                }
                let (source, target) = (source.clone(), target.clone());
                check_input_once(&source, &target)?;
                Ok(Self::Parallel { source, target })
            }
            more => wrong(format!("{} corpora are named", more.len())),
        }
    }

    /// The corpora of which it is made: itself, or those of a list.
    pub fn parts(&self) -> Vec<Part> {
        match self {
            Self::List(parts) => parts.clone(),
            one => vec![Part::plain(one.clone())],
        }
    }

    /// The files that it is read from; a built-in corpus has none.
    pub fn files(&self) -> Vec<&Path> {
        match self {
            Self::Tsv(path) => vec![path],
            Self::Parallel { source, target } => vec![source, target],
            Self::Builtin(_) => vec![],
            Self::List(parts) => parts.iter().flat_map(|part| part.corpus.files()).collect(),
        }
    }
}

/// Refuses to read both sides from standard input.
pub(super) fn check_input_once(source: &Path, target: &Path) -> Result<(), DataError> {
    match [source, target].into_iter().all(is_standard_input) {
        true => Err(DataError::CorpusArguments {
            cause: "`-`, standard input, stands for both sides".into(),
        }),
        false => Ok(()),
    }
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
            Self::Tsv(path) => shown(path).display().fmt(formatter),
            Self::Parallel { source, target } => {
                let [source, target] = [source, target].map(|path| shown(path));
                write!(formatter, "{} and {}", source.display(), target.display())
            }
            Self::Builtin(builtin) => builtin.fmt(formatter),
            Self::List(parts) => {
                let each: Vec<String> = parts.iter().map(Part::to_string).collect();
                formatter.write_str(&each.join(", "))
            }
        }
    }
}

/// A corpus of a list, as it is written.
struct Listed<'a>(&'a Part);

impl Serialize for Listed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.is_plain() {
            true => self.0.corpus.serialize(serializer),
            false => Table::of(self.0).serialize(serializer),
        }
    }
}

impl Serialize for CorpusSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Parallel { .. } => Table::of(&Part::plain(self.clone())).serialize(serializer),
            Self::List(parts) => serializer.collect_seq(parts.iter().map(Listed)),
            Self::Tsv(path) => serializer.collect_str(&path.display()),
            Self::Builtin(builtin) => serializer.collect_str(builtin),
        }
    }
}

impl<'de> Deserialize<'de> for CorpusSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyForm;
        impl<'de> Visitor<'de> for AnyForm {
            type Value = CorpusSource;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(
                    "a TSV path, a built-in corpus, { source = \"x.en\", target = \"x.zh\" }, or a list of corpora",
                )
            }

            fn visit_unit<E: de::Error>(self) -> Result<CorpusSource, E> {
                self.visit_str("")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<CorpusSource, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<CorpusSource, A::Error> {
                let part: Part = Table::deserialize(MapAccessDeserializer::new(map))?.part()?;
                Ok(match part.is_plain() {
                    true => part.corpus,
                    false => CorpusSource::List(vec![part]),
                })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<CorpusSource, A::Error> {
                let mut parts = Vec::new();
                while let Some(corpus) = list.next_element::<CorpusSource>()? {
                    parts.extend(corpus.parts());
                }
                match parts.is_empty() {
                    true => Err(de::Error::custom("this list names no corpus")),
                    false => Ok(CorpusSource::List(parts)),
                }
            }
        }
        deserializer.deserialize_any(AnyForm)
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
            "\"-\"",
            "{\"source\":\"x.en\",\"target\":\"x.zh\"}",
            "\"builtin:en-zh:train\"",
            "\"builtin:en-zh:unseen\"",
            "\"builtin:reverse-20:test\"",
            "[\"x.tsv\",{\"source\":\"x.en\",\"target\":\"x.zh\",\"weight\":0.5},{\"corpus\":\"builtin:dates:test\",\"tag\":\"d\"}]",
            "[{\"corpus\":\"x.tsv\",\"tag\":\"news\"}]",
        ];
        for form in forms {
            let source = parse(form).unwrap();
            assert_eq!(serde_json::to_string(&source).unwrap(), form);
        }
        let parallel = parse(forms[2]).unwrap();
        assert_eq!(parallel.to_string(), "x.en and x.zh");
    }

    #[test]
    fn arguments_name_one_corpus() {
        let of = |arguments: &[&str]| {
            let paths: Vec<PathBuf> = arguments.iter().map(PathBuf::from).collect();
            CorpusSource::of_arguments(&paths).map_err(|error| error.to_string())
        };
        assert_eq!(of(&["x.tsv"]), Ok(CorpusSource::Tsv("x.tsv".into())));
        assert_eq!(of(&["-"]).unwrap().to_string(), "standard input");
        assert!(matches!(
            of(&["builtin:dates:test"]),
            Ok(CorpusSource::Builtin(_))
        ));
        let files = of(&["x.en", "-"]).unwrap();
        assert_eq!(files.to_string(), "x.en and standard input");
        for (arguments, says) in [
            (&[][..], "no corpus"),
            (&["a", "b", "c"], "3 corpora"),
            (&["-", "-"], "both sides"),
            (
                &["builtin:dates:test", "x"],
                "`builtin:dates:test` has both sides",
            ),
            (&["builtin:date:test"], "no built-in corpus"),
        ] {
            let message = of(arguments).unwrap_err();
            assert!(message.contains(says), "{message}");
        }
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
        for (form, says) in [
            ("{\"corpus\":\"a\",\"source\":\"b\"}", "a corpus twice"),
            ("{\"tag\":\"a\"}", "names no corpus"),
            ("{\"source\":\"a\"}", "missing field `target`"),
            ("{\"corpus\":\"a\",\"wieght\":2}", "wieght"),
            ("[]", "names no corpus"),
        ] {
            let message = parse(form).unwrap_err();
            assert!(message.contains(says), "{message}");
        }
        let message = parse("3").unwrap_err();
        assert!(message.contains("a TSV path"), "{message}");
    }
}
