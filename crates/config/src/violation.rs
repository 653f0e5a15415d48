//! A rule that a config breaks, before it is known where in the file.

use std::borrow::Cow;

use std::fmt::Display;
use std::ops::RangeInclusive;

use network::NetworkError;

use super::document::Node;
use super::error::ConfigError;
use super::place::{Place, quote};

/// The largest number for keys that have no bound of their own; beyond it arithmetic would overflow.
pub(super) const MOST: u64 = 1_000_000_000_000;

/// A rule that a config breaks.
#[derive(Debug)]
pub(super) struct Violation {
    /// The key with its table.
    pub key: String,
    /// Keys that may stand in the file when `key` does not.
    pub others: Vec<String>,
    /// Which rule.
    pub cause: Cause,
}

/// Which rule is broken.
#[derive(Debug)]
pub(super) enum Cause {
    OutOfRange {
        value: String,
        range: String,
    },
    Misplaced {
        owner: String,
        /// The setting that was chosen, as it stands in a config.
        chosen: String,
    },
    Required {
        reason: &'static str,
        remedy: &'static str,
    },
    Model(Box<NetworkError>),
    Other(Cow<'static, str>),
}

impl Violation {
    fn new(key: impl Into<String>, cause: Cause) -> Self {
        Self {
            key: key.into(),
            others: Vec::new(),
            cause,
        }
    }

    /// The violation in words, with the place where `tree` has its key, or the nearest to it.
    pub fn explain(self, tree: &Node) -> ConfigError {
        let place = self.place(tree);
        let key = self.key;
        match self.cause {
            Cause::OutOfRange { value, range } => ConfigError::OutOfRange {
                place,
                key,
                value: quote(&value),
                range,
            },
            Cause::Misplaced { owner, chosen } => ConfigError::Misplaced {
                place,
                key,
                owner,
                chosen,
            },
            Cause::Required { reason, remedy } => ConfigError::Required {
                place,
                key,
                reason,
                remedy,
            },
            Cause::Model(cause) => ConfigError::Model {
                place,
                cause: *cause,
            },
            Cause::Other(problem) => ConfigError::Value {
                place,
                key,
                problem: problem.into_owned(),
            },
        }
    }

    fn place(&self, tree: &Node) -> Place {
        let table = self.key.rsplit_once('.').map(|(table, _)| table);
        let mut keys = std::iter::once(self.key.as_str())
            .chain(self.others.iter().map(String::as_str))
            .chain(table);
        let node = keys.find_map(|key| tree.find(key));
        node.unwrap_or(tree).place.clone()
    }
}

impl From<NetworkError> for Violation {
    fn from(error: NetworkError) -> Self {
        match error {
            NetworkError::OutOfRange { key, value, range } => {
                // The encoder's size is the decoder's unless given.
                let inherited = key == "model.encoder.hidden_size";
                let others = inherited.then(|| "model.hidden_size".to_owned());
                Self {
                    key,
                    others: others.into_iter().collect(),
                    cause: Cause::OutOfRange { value, range },
                }
            }
            NetworkError::MisplacedKey { key, owner, kind } => {
                let chosen = format!("kind = \"{kind}\"");
                Self::new(key, Cause::Misplaced { owner, chosen })
            }
            NetworkError::CannotCombine {
                first,
                second,
                reason,
            } => {
                // Settings are written `key = value` or as a bare key, with or without `model.`.
                let name = |text: &str| {
                    let key = text.split([' ', '=']).next().unwrap_or_default();
                    key.strip_prefix("model.").unwrap_or(key).to_owned()
                };
                let (one, two) = (name(&first), name(&second));
                let others = [format!("model.{one}"), format!("model.{two}")];
                Self {
                    key: format!("model.{one}.{two}"),
                    others: others.into(),
                    cause: Cause::Model(Box::new(NetworkError::CannotCombine {
                        first,
                        second,
                        reason,
                    })),
                }
            }
            error => Self::new("model", Cause::Model(Box::new(error))),
        }
    }
}

/// Refuses a `value` of which `holds` is false.
pub(super) fn within(
    key: &str,
    value: f64,
    holds: impl Fn(f64) -> bool,
    range: &str,
) -> Result<(), Violation> {
    if value.is_finite() && holds(value) {
        return Ok(());
    }
    let value = format!("{value:?}");
    let range = range.to_owned();
    Err(Violation::new(key, Cause::OutOfRange { value, range }))
}

/// Refuses whole numbers outside `range`.
pub(super) fn whole(key: &str, value: u64, range: RangeInclusive<u64>) -> Result<(), Violation> {
    if range.contains(&value) {
        return Ok(());
    }
    let bound = match value < *range.start() {
        true => format!("at least {}", range.start()),
        false => format!("at most {}", range.end()),
    };
    let value = value.to_string();
    Err(Violation::new(
        key,
        Cause::OutOfRange {
            value,
            range: bound,
        },
    ))
}

/// Refuses what is no share: below 0, or 1 and above.
pub(super) fn share(key: &str, value: f64) -> Result<(), Violation> {
    within(
        key,
        value,
        |value| (0.0..1.0).contains(&value),
        "at least 0 and below 1",
    )
}

/// Refuses zero and less.
pub(super) fn above_zero(key: &str, value: f64) -> Result<(), Violation> {
    within(key, value, |value| value > 0.0, "above 0")
}

/// Refuses less than zero.
pub(super) fn not_negative(key: &str, value: f64) -> Result<(), Violation> {
    within(key, value, |value| value >= 0.0, "at least 0")
}

/// Refuses a key that is given although `kind` is none of its `owners`.
pub(super) fn only<K: Display + PartialEq>(
    key: &str,
    given: bool,
    kind: K,
    owners: &[K],
) -> Result<(), Violation> {
    misplaced(key, given, "kind", kind, owners)
}

/// Refuses a key that is given although `chosen`, the value of the table's key `chooser`, is none of its `owners`.
pub(super) fn misplaced<K: Display + PartialEq>(
    key: &str,
    given: bool,
    chooser: &str,
    chosen: K,
    owners: &[K],
) -> Result<(), Violation> {
    if !given || owners.contains(&chosen) {
        return Ok(());
    }
    let owners: Vec<_> = owners
        .iter()
        .map(|owner| format!("`{chooser} = \"{owner}\"`"))
        .collect();
    Err(Violation::new(
        key,
        Cause::Misplaced {
            owner: owners.join(" and "),
            chosen: format!("{chooser} = \"{chosen}\""),
        },
    ))
}

/// A key that is not given although `because` wants it.
pub(super) fn required(
    key: &str,
    because: &str,
    reason: &'static str,
    remedy: &'static str,
) -> Violation {
    Violation {
        key: key.to_owned(),
        others: vec![because.to_owned()],
        cause: Cause::Required { reason, remedy },
    }
}

/// Any other rule.
pub(super) fn other(key: &str, problem: impl Into<Cow<'static, str>>) -> Violation {
    Violation::new(key, Cause::Other(problem.into()))
}
