//! Where links come from, as a config names it.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::builtin::{Builtin, Task};
use crate::error::DataError;

/// Where links come from: the path of a file, or `builtin:en-zh:train` and its fellows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LinkSource {
    /// A file with a line for each line of the corpus: `SOURCE-TARGET` with white space between (the format of
    /// `fast_align`; Dyer et al. 2013). Words are what white space parts, numbered from 0; a blank line means a
    /// pair without links.
    File(PathBuf),
    /// Those that a built-in corpus knows of its own pairs.
    Builtin(Builtin),
}

impl LinkSource {
    /// What is said of a built-in corpus that has no links.
    pub(super) fn without_links(name: String) -> DataError {
        let known = Task::ALL.into_iter().filter(|task| task.has_links());
        let known: Vec<String> = known
            .map(|task| format!("`builtin:{}`", task.name()))
            .collect();
        DataError::NoLinks {
            name,
            known: known.join(", "),
        }
    }
}

impl TryFrom<String> for LinkSource {
    type Error = DataError;

    fn try_from(text: String) -> Result<Self, DataError> {
        if !Builtin::is_name(&text) {
            return Ok(Self::File(PathBuf::from(text)));
        }
        match Builtin::named(&text) {
            Some(builtin) if builtin.has_links() => Ok(Self::Builtin(builtin)),
            Some(_) => Err(Self::without_links(text)),
            None => Err(DataError::UnknownBuiltin {
                known: Builtin::choices(&text),
                name: text,
            }),
        }
    }
}

impl From<LinkSource> for String {
    fn from(source: LinkSource) -> Self {
        source.to_string()
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
