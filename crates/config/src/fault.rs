//! A mistake found while a tree is read into structs, before it is put into words.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use super::document::Node;
use super::error::ConfigError;
use super::keys::Keys;
use super::nearest::{did_you_mean, nearest};
use super::place::{Place, quote, shorten};

/// The longest message of another part of the program that is repeated, in characters.
const LONGEST_MESSAGE: usize = 400;

/// A mistake, with the way to it filled in from the inside out.
#[derive(Debug)]
pub(super) struct Fault {
    // Boxed: a result that holds a fault should stay small.
    what: Box<What>,
    /// The key's parts, outermost first.
    path: Vec<String>,
    place: Option<Place>,
}

#[derive(Debug)]
enum What {
    UnknownKey(&'static [&'static str], bool),
    UnknownChoice(String, &'static [&'static str]),
    WrongType {
        expected: String,
        found: String,
        hint: &'static str,
    },
    OutOfRange {
        value: String,
        range: String,
    },
    Incomplete(&'static str),
    Other(String),
}

impl Fault {
    fn new(what: What) -> Self {
        Self {
            what: Box::new(what),
            path: Vec::new(),
            place: None,
        }
    }

    /// `node` where `expected` should be.
    pub fn wrong_type(node: &Node, expected: impl Into<String>, hint: &'static str) -> Self {
        Self::new(What::WrongType {
            expected: expected.into(),
            found: node.describe(),
            hint,
        })
    }

    /// A number that its type cannot hold.
    pub fn out_of_range(value: impl fmt::Display, range: &str) -> Self {
        Self::new(What::OutOfRange {
            value: value.to_string(),
            range: range.to_owned(),
        })
    }

    /// The same mistake, seen from the table around it.
    pub fn inside(mut self, key: &str, node: &Node) -> Self {
        if let What::UnknownKey(_, is_table) = self.what.as_mut()
            && self.place.is_none()
        {
            *is_table = matches!(node.value, super::document::Value::Table(_));
        }
        self.path.insert(0, key.to_owned());
        self.place.get_or_insert_with(|| node.place.clone());
        self
    }

    /// The mistake in words; `file` is where everything came from that has no place of its own.
    pub fn explain(self, file: &Place) -> ConfigError {
        let place = self.place.unwrap_or_else(|| file.clone());
        let key = quote(&self.path.join("."));
        match *self.what {
            What::UnknownKey(known, is_table) => {
                let (name, table) = match self.path.split_last() {
                    Some((name, table)) => (name.as_str(), table.join(".")),
                    None => ("", String::new()),
                };
                Keys::all().unknown(place, key, name, &table, known, is_table)
            }
            What::UnknownChoice(value, choices) => ConfigError::UnknownChoice {
                place,
                what: self.path.last().cloned().unwrap_or_default().into(),
                key: key.into(),
                suggestion: did_you_mean(nearest(&value, choices), "\"").into(),
                value: quote(&value).into(),
                choices: list(choices, "\"").into(),
            },
            What::WrongType {
                expected,
                found,
                hint,
            } => ConfigError::WrongType {
                place,
                key: key.into(),
                expected: expected.into(),
                found: found.into(),
                hint,
            },
            What::OutOfRange { value, range } => ConfigError::OutOfRange {
                place,
                key,
                value,
                range,
            },
            What::Incomplete(missing) => ConfigError::Incomplete {
                place,
                key,
                missing,
            },
            What::Other(problem) => ConfigError::Value {
                place,
                key,
                problem: shorten(&problem, LONGEST_MESSAGE),
            },
        }
    }
}

/// `a, b, c`, each between `mark`s.
pub(super) fn list(names: &[&str], mark: &str) -> String {
    let names = names.iter().map(|name| format!("{mark}{name}{mark}"));
    names.collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {:?}", self.path.join("."), self.what)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(What::Other(message.to_string()))
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(What::UnknownKey(expected, false))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(What::UnknownChoice(variant.to_owned(), expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(What::Incomplete(field))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Bool(flag) => flag.to_string(),
            Unexpected::Unsigned(number) => format!("the number {number}"),
            Unexpected::Signed(number) => format!("the number {number}"),
            Unexpected::Float(number) => format!("the number {number:?}"),
            Unexpected::Str(text) => format!("the text \"{}\"", quote(text)),
            Unexpected::Seq => "a list".into(),
            Unexpected::Map => "a table".into(),
            other => other.to_string(),
        };
        Self::new(What::WrongType {
            expected: expected.to_string(),
            found,
            hint: "",
        })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(What::OutOfRange {
            value: quote(&found.to_string()),
            range: expected.to_string(),
        })
    }
}
