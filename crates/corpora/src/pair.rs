//! Sentence pairs.

/// A source and its target, each a line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Input: text, or the name of an image.
    pub source: String,
    /// Expected output.
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
