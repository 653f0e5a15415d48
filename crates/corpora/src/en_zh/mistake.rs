//! What can be wrong with the embedded files.

/// A mistake in an embedded lexicon or pattern file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub(super) struct FileError {
    /// The file, as named below `builtin/en_zh/`.
    pub file: &'static str,
    /// The line, from one.
    pub line: usize,
    /// What is wrong and what was expected.
    pub message: String,
}
