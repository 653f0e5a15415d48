//! Sentence pairs.

/// A source and its target, each a line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// What is read: text, or the name of an image.
    pub source: String,
    /// What is to be written.
    pub target: String,
}

impl Pair {
    /// A source with its target.
    pub fn new(source: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            target: target.into(),
        }
    }
}
