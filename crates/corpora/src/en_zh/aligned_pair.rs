//! Sentence pairs whose word alignment is known.

/// A sentence, its translation and the word alignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlignedPair {
    /// The English sentence.
    pub source: String,
    /// The Chinese sentence.
    pub target: String,
    /// Links (source token as [`source_tokens`](super::source_tokens) counts them, target character),
    /// both from zero, sorted.
    pub alignment: Vec<(usize, usize)>,
    /// The name of the pattern that made the pair.
    pub pattern: &'static str,
}
