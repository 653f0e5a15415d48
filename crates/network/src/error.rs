//! Errors of a model's configuration or its stored parameters.

use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NetworkError {
    /// Two settings that exclude each other.
    #[error("`{first}` and `{second}` cannot be combined: {reason}")]
    CannotCombine {
        /// The first setting, as it stands in a config.
        first: String,
        /// The second setting.
        second: String,
        /// Why they exclude each other, and what to do.
        reason: String,
    },
    /// A key that belongs to another kind.
    #[error(
        "`{key}` belongs to {owner}; this is `kind = \"{kind}\"`: remove the key or change the kind"
    )]
    MisplacedKey {
        /// The key with its table.
        key: String,
        /// The kinds that have this key.
        owner: String,
        /// The kind that was chosen.
        kind: String,
    },
    /// A number outside its range.
    #[error("`{key}` is {value}, but must be {range}")]
    OutOfRange {
        /// The key with its table.
        key: String,
        /// The value that was given.
        value: String,
        /// Range of the values that are right.
        range: String,
    },
    /// Stored parameters lack one that the model has.
    #[error(
        "the stored model has no parameter `{name}`: it was made with other settings in [model]"
    )]
    MissingParameter {
        /// The parameter's name.
        name: String,
    },
    /// Stored parameters hold one that the model lacks.
    #[error(
        "the stored model has a parameter `{name}` that this configuration has no place for: it was made with other settings in [model]"
    )]
    UnknownParameter {
        /// The parameter's name.
        name: String,
    },
    /// A stored parameter of another shape.
    #[error(
        "the stored parameter `{name}` has shape {found:?}, this configuration wants {expected:?}: it was made with other sizes or another vocabulary"
    )]
    ParameterShape {
        /// The parameter's name.
        name: String,
        /// The shape this model has.
        expected: Vec<usize>,
        /// The shape that was stored.
        found: Vec<usize>,
    },
}
