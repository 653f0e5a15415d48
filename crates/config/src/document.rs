//! A config file and its overrides as one tree of which each node knows where it was written.

use toml_edit::{Item, TableLike};

use super::error::ConfigError;
use super::place::{Place, Places, quote};

/// A value and where it was written.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Where the key of this value stands.
    pub place: Place,
    /// The value.
    pub value: Value,
    /// A single value of the command line as it was typed, so that `--set name=3` is text.
    pub typed: Option<String>,
}

/// A value in TOML.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// A string.
    Text(String),
    /// An integer.
    Whole(i64),
    /// A float.
    Number(f64),
    /// A boolean.
    Flag(bool),
    /// A date, a time or both.
    Date(String),
    /// An array.
    List(Vec<Node>),
    /// A table of any form, in the order of writing.
    Table(Vec<(String, Node)>),
}

impl Node {
    /// The table of a config file; `file` is what messages call it.
    ///
    /// # Errors
    /// [`ConfigError::Syntax`] for text that is not TOML.
    pub fn read(text: &str, file: &str) -> Result<Self, ConfigError> {
        let places = Places::new(file, text);
        let document = toml_edit::Document::parse(text).map_err(|error| {
            let offset = error.span().map_or(text.len(), |span| span.start);
            let place = places.of(offset);
            let line = match &place {
                Place::Line { line, .. } => text.lines().nth(line - 1).unwrap_or_default(),
                _ => "",
            };
            ConfigError::Syntax {
                place,
                problem: quote(error.message()),
                line: quote(line.trim()),
            }
        })?;
        let place = |offset| places.of(offset);
        Ok(Self {
            place: Place::File(file.to_owned()),
            value: table(document.as_table(), &place),
            typed: None,
        })
    }

    /// The value that `text` is in TOML, or `text` itself; written at `place`.
    pub fn of_override(text: &str, place: &Place) -> Self {
        let everywhere = |_| place.clone();
        let value = match text.parse::<toml_edit::Value>() {
            Ok(value) => item(&Item::Value(value), &everywhere),
            Err(_) => Value::Text(text.to_owned()),
        };
        Self {
            place: place.clone(),
            value,
            typed: Some(text.to_owned()),
        }
    }

    /// The entries of a table; nothing for any other value.
    pub fn entries(&self) -> &[(String, Node)] {
        match &self.value {
            Value::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The node of a dotted key.
    pub fn find(&self, key: &str) -> Option<&Node> {
        key.split('.').try_fold(self, |node, name| {
            let mut entries = node.entries().iter();
            entries
                .find(|(known, _)| known == name)
                .map(|(_, node)| node)
        })
    }

    /// Puts `node` at the dotted key, making tables as needed.
    ///
    /// # Errors
    /// The part of the key that is there but is no table.
    pub fn insert(&mut self, key: &[&str], node: Node) -> Result<(), String> {
        let [first, rest @ ..] = key else {
            *self = node;
            return Ok(());
        };
        let Value::Table(entries) = &mut self.value else {
            return Err(String::new());
        };
        let index = match entries.iter().position(|(name, _)| name == first) {
            Some(index) => index,
            None => {
                let table = Node {
                    place: node.place.clone(),
                    value: Value::Table(Vec::new()),
                    typed: None,
                };
                entries.push(((*first).to_owned(), table));
                entries.len() - 1
            }
        };
        entries[index].1.insert(rest, node).map_err(|inner| {
            let dot = if inner.is_empty() { "" } else { "." };
            format!("{first}{dot}{inner}")
        })
    }

    /// Takes the dotted key out.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let Value::Table(entries) = &mut self.value else {
            return None;
        };
        let (first, rest) = key.split_once('.').unwrap_or((key, ""));
        let index = entries.iter().position(|(name, _)| name == first)?;
        match rest {
            "" => Some(entries.remove(index).1),
            rest => entries[index].1.remove(rest),
        }
    }

    /// The value in words, for "expected a number, found ...".
    pub fn describe(&self) -> String {
        match &self.value {
            Value::Text(text) => format!("the text \"{}\"", quote(text)),
            Value::Whole(number) => format!("the number {number}"),
            Value::Number(number) => format!("the number {number:?}"),
            Value::Flag(flag) => flag.to_string(),
            Value::Date(date) => format!("the date {date}"),
            Value::List(_) => "a list".into(),
            Value::Table(_) => "a table".into(),
        }
    }
}

/// A table's entries; `place` turns a byte offset into a place.
fn table(table: &dyn TableLike, place: &dyn Fn(usize) -> Place) -> Value {
    let entries = table.iter().map(|(name, value)| {
        let span = table.key(name).and_then(|key| key.span());
        let offset = span.or_else(|| value.span()).map_or(0, |span| span.start);
        let node = Node {
            place: place(offset),
            value: item(value, place),
            typed: None,
        };
        (name.to_owned(), node)
    });
    Value::Table(entries.collect())
}

fn item(value: &Item, place: &dyn Fn(usize) -> Place) -> Value {
    use toml_edit::Value as Toml;
    if let Some(inner) = value.as_table_like() {
        return table(inner, place);
    }
    let list = |items: Vec<Item>| {
        let nodes = items.into_iter().map(|item_of| Node {
            place: place(item_of.span().map_or(0, |span| span.start)),
            value: item(&item_of, place),
            typed: None,
        });
        Value::List(nodes.collect())
    };
    match value {
        Item::Value(Toml::String(text)) => Value::Text(text.value().clone()),
        Item::Value(Toml::Integer(number)) => Value::Whole(*number.value()),
        Item::Value(Toml::Float(number)) => Value::Number(*number.value()),
        Item::Value(Toml::Boolean(flag)) => Value::Flag(*flag.value()),
        Item::Value(Toml::Datetime(date)) => Value::Date(date.value().to_string()),
        Item::Value(Toml::Array(array)) => list(array.iter().cloned().map(Item::Value).collect()),
        Item::ArrayOfTables(tables) => list(tables.iter().cloned().map(Item::Table).collect()),
        // Tables were dealt with above.
        Item::Value(Toml::InlineTable(_)) | Item::Table(_) | Item::None => Value::Table(Vec::new()),
    }
}
