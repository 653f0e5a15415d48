//! Errors of a search.

use thiserror::Error;

use super::method::Method;

/// An error of a search.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SearchError {
    /// Phrases that samples would have to contain.
    #[error(
        "`search.method = \"{method}\"` and `phrases that a translation must contain` cannot be combined: samples are drawn word by word; use \"beam\", \"diverse-beam\" or \"exhaustive\""
    )]
    RequiredInSamples {
        /// The method.
        method: Method,
    },
    /// An exhaustive search that would not end.
    #[error(
        "exhaustive search is for small problems: after {length} words more than {most} hypotheses are still in the race; lower `search.max_length`{advice} or use another `search.method`"
    )]
    TooManyHypotheses {
        /// Most hypotheses that are followed.
        most: usize,
        /// How many words they have.
        length: usize,
        /// Further advice, or nothing.
        advice: &'static str,
    },
}
