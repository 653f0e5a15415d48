//! Errors of a config file or an override.

use std::io;

use network::NetworkError;
use thiserror::Error;

use super::place::Place;

/// An error of this module. Each message fits on a screen and says where the mistake is, what is
/// wrong and what to do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file that does not exist.
    #[error(
        "{file}: no such file{suggestion}\nCheck the path (a relative path starts at the folder the command is run in)."
    )]
    Missing {
        /// The path as given.
        file: String,
        /// `; did you mean ...?`, or nothing.
        suggestion: String,
    },

    /// A folder where a file is needed.
    #[error("{file}: this is a folder; name a config file in it, such as `configs/en-zh.toml`")]
    Folder {
        /// The path as given.
        file: String,
    },

    /// A file that the system does not let us read.
    #[error("{file}: cannot be read ({cause}); check its permissions and the disk")]
    Unreadable {
        /// The path as given.
        file: String,
        /// Error that the system reported.
        cause: io::Error,
    },

    /// Bytes that are not UTF-8.
    #[error(
        "{place}: not UTF-8 text (byte 0x{byte:02X}); is this a config file? If so, save it as UTF-8"
    )]
    NotUtf8 {
        /// The line of the offending byte.
        place: Place,
        /// The offending byte.
        byte: u8,
    },

    /// Text that is not TOML.
    #[error(
        "{place}: not valid TOML: {problem}\n    {line}\nA line is `key = value`, `[table]` or `# comment`; text stands in \"quotes\"."
    )]
    Syntax {
        /// The spot where the parser gave up.
        place: Place,
        /// Message of the parser.
        problem: String,
        /// The line in question.
        line: String,
    },

    /// An override that is not `KEY=VALUE`.
    #[error("{place}: {problem}; write --set KEY=VALUE, for example --set model.dropout=0.2")]
    Override {
        /// The override.
        place: Place,
        /// Description of the mistake.
        problem: String,
    },

    /// A key that no table, or another table, has.
    #[error("{place}: unknown {what} `{key}`{suggestion}\n{known}")]
    UnknownKey {
        /// Where the key stands.
        place: Place,
        /// `key` or `table`.
        what: &'static str,
        /// The key with its table.
        key: Box<str>,
        /// `; did you mean ...?`, where the key belongs, or nothing.
        suggestion: Box<str>,
        /// The keys that the table has.
        known: Box<str>,
    },

    /// A table that lacks one of its keys.
    #[error(
        "{place}: `{key}` lacks the key `{missing}`; write for example `{key} = {{ source = \"x.en\", target = \"x.zh\" }}`"
    )]
    Incomplete {
        /// Where the table stands.
        place: Place,
        /// The table.
        key: String,
        /// The key that it lacks.
        missing: &'static str,
    },

    /// A value of another type.
    #[error("{place}: `{key}`: expected {expected}, found {found}{hint}")]
    WrongType {
        /// Where the key stands.
        place: Place,
        /// The key with its table.
        key: Box<str>,
        /// The type that is right.
        expected: Box<str>,
        /// Value that was found, or its type.
        found: Box<str>,
        /// Advice on what to write instead, or nothing.
        hint: &'static str,
    },

    /// A value that is none of a key's choices.
    #[error("{place}: `{key}`: unknown {what} \"{value}\"{suggestion}\nChoices: {choices}")]
    UnknownChoice {
        /// Where the key stands.
        place: Place,
        /// The key with its table.
        key: Box<str>,
        /// The last part of the key: `kind`, `backend`, ...
        what: Box<str>,
        /// The value.
        value: Box<str>,
        /// `; did you mean ...?`, or nothing.
        suggestion: Box<str>,
        /// The values there are.
        choices: Box<str>,
    },

    /// A value of the right type that cannot be.
    #[error("{place}: `{key}` is {value}, but must be {range}")]
    OutOfRange {
        /// Where the key stands.
        place: Place,
        /// The key with its table.
        key: String,
        /// The value.
        value: String,
        /// Range of the values that are right.
        range: String,
    },

    /// A key that must be given and is not.
    #[error("{place}: `{key}` is missing{reason}; {remedy}")]
    Required {
        /// Place that should have held the key.
        place: Place,
        /// The key with its table.
        key: String,
        /// Why it is needed, or nothing.
        reason: &'static str,
        /// Advice on what to write.
        remedy: &'static str,
    },

    /// A key that belongs to another kind.
    #[error(
        "{place}: `{key}` belongs to {owner}; this is `{chosen}`: remove the key or change the {}",
        .chosen.split(' ').next().unwrap_or_default()
    )]
    Misplaced {
        /// Where the key stands.
        place: Place,
        /// The key with its table.
        key: String,
        /// The kinds that have this key.
        owner: String,
        /// The setting that was chosen, as it stands in a config.
        chosen: String,
    },

    /// Settings of the model that exclude each other.
    #[error("{place}: {cause}")]
    Model {
        /// Where one of the settings stands.
        place: Place,
        /// Which, and why.
        cause: NetworkError,
    },

    /// A value that another part of the program does not take.
    #[error("{place}: `{key}`: {problem}")]
    Value {
        /// Where the key stands.
        place: Place,
        /// The key with its table.
        key: String,
        /// Message of that part.
        problem: String,
    },
}
