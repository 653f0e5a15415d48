//! Errors in a request for a score.

use thiserror::Error;

/// Why a score could not be computed, and what to change.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MetricError {
    /// There is no hypothesis at all.
    #[error("the corpus is empty: a score needs at least one hypothesis with its reference")]
    EmptyCorpus,

    /// The two sides do not pair up.
    #[error(
        "{hypotheses} hypotheses but {references} references: line N of one side must belong to line N \
         of the other, so check that neither file lost or gained a line"
    )]
    DifferentLengths {
        /// Number of hypotheses given.
        hypotheses: usize,
        /// Number of references (or lists of references) given.
        references: usize,
    },

    /// A hypothesis came with an empty list of references.
    #[error(
        "hypothesis {line} has no reference: give it at least one (an empty line counts as one)"
    )]
    NoReference {
        /// Number of the hypothesis, counted from 1.
        line: usize,
    },

    /// The value for `floor` or `add-k` smoothing is zero, negative or not finite.
    #[error("the smoothing value {value} cannot be used: give a finite number above 0")]
    SmoothingValue {
        /// The value that was given.
        value: f64,
    },

    /// No tokenizer has this name.
    #[error("unknown BLEU tokenizer {name:?}: choose one of 13a, zh, char, none")]
    UnknownTokenizer {
        /// The name that was given.
        name: String,
    },

    /// No smoothing method has this name.
    #[error("unknown BLEU smoothing {name:?}: choose one of exp, floor, add-k, none")]
    UnknownSmoothing {
        /// The name that was given.
        name: String,
    },
}
