//! A corpus of several that are read as one.

use std::fmt;
use std::path::PathBuf;

use serde::de;
use serde::{Deserialize, Serialize};

use super::source::CorpusSource;

/// A corpus of a list of corpora.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// A file, two parallel ones, or a built-in corpus.
    pub corpus: CorpusSource,
    /// How often an epoch of training sees each of its pairs.
    pub weight: f64,
    /// A feature that each of its sources gets, so that a model knows where a pair comes from: a domain, the target
    /// language (Johnson et al. 2017), back-translation (Caswell et al. 2019).
    pub tag: Option<String>,
}

impl Part {
    /// A corpus as it is.
    pub fn plain(corpus: CorpusSource) -> Self {
        Self {
            corpus,
            weight: 1.0,
            tag: None,
        }
    }

    /// Whether neither a weight nor a tag is given.
    pub fn is_plain(&self) -> bool {
        self.weight == 1.0 && self.tag.is_none()
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.corpus.fmt(formatter)?;
        match &self.tag {
            Some(tag) => write!(formatter, " (tag {tag})"),
            None => Ok(()),
        }
    }
}

/// The table form of a corpus; its own type so that misspelt keys are named.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Table {
    #[serde(skip_serializing_if = "Option::is_none")]
    corpus: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
}

impl Table {
    /// The table that says `part`, of a corpus that is no list.
    pub(super) fn of(part: &Part) -> Self {
        let mut table = Self {
            weight: (part.weight != 1.0).then_some(part.weight),
            tag: part.tag.clone(),
            ..Self::default()
        };
        match &part.corpus {
            CorpusSource::Parallel { source, target } => {
                (table.source, table.target) = (Some(source.clone()), Some(target.clone()));
            }
            CorpusSource::Tsv(path) => table.corpus = Some(path.display().to_string()),
            other => table.corpus = Some(other.to_string()),
        }
        table
    }

    /// The part that the table says.
    pub(super) fn part<E: de::Error>(self) -> Result<Part, E> {
        let corpus = match (self.corpus, self.source, self.target) {
            (Some(corpus), None, None) => corpus.parse().map_err(E::custom)?,
            (None, Some(source), Some(target)) => CorpusSource::Parallel { source, target },
            (None, Some(_), None) => return Err(E::missing_field("target")),
            (None, None, Some(_)) => return Err(E::missing_field("source")),
            (None, None, None) => {
                return Err(E::custom(
                    "this table names no corpus; it needs `corpus`, or `source` and `target`",
                ));
            }
            (Some(_), ..) => {
                return Err(E::custom(
                    "this table names a corpus twice, by `corpus` and by `source` or `target`; remove one",
                ));
            }
        };
        Ok(Part {
            corpus,
            weight: self.weight.unwrap_or(1.0),
            tag: self.tag,
        })
    }
}
