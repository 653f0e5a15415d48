//! Sentence pairs.

use std::fmt;

/// One side of a sentence pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The language that is translated from.
    Source,
    /// The language that is translated to.
    Target,
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Source => "source",
            Self::Target => "target",
        })
    }
}

/// A sentence and its translation, both as they were written, without outer white space.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Pair {
    /// The sentence; with features, each of them behind it after a tab.
    pub source: String,
    /// Its translation.
    pub target: String,
    /// Features of the source, beside its text, if a column holds them.
    pub features: Option<Features>,
}

impl Pair {
    /// A pair without features.
    pub fn new(source: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            target: target.into(),
            features: None,
        }
    }
}

/// Features of a source, beside its text, such as `V;PST;3;SG` of a word to be inflected. Each feature is meant to be
/// one token, however the text is cut.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Features(Box<str>);

impl Features {
    /// Those that `text` holds, parted by semicolons or white space; nothing if it holds none.
    ///
    /// ```
    /// use data::corpus::Features;
    ///
    /// let features = Features::new("V; PST;3").unwrap();
    /// assert_eq!(features.iter().collect::<Vec<_>>(), ["V", "PST", "3"]);
    /// assert_eq!(Features::new(" ; "), None);
    /// ```
    pub fn new(text: &str) -> Option<Self> {
        let features = Self(text.trim().into());
        let is_any = features.iter().next().is_some();
        is_any.then_some(features)
    }

    /// The features one by one.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let parts = self
            .0
            .split(|letter: char| letter == ';' || letter.is_whitespace());
        parts.filter(|part| !part.is_empty())
    }

    /// `source` with each feature behind it after a tab, the form in which models read the two.
    pub fn behind(&self, source: &str) -> String {
        self.iter()
            .fold(source.to_owned(), |text, feature| text + "\t" + feature)
    }

    /// Those of `others` and then these.
    pub fn after(&self, others: Option<&Self>) -> Self {
        match others {
            Some(others) => Self(format!("{};{}", others.0, self.0).into()),
            None => self.clone(),
        }
    }

    /// All of them as they were written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
