//! Every key that a config may hold, asked from the structs themselves.

use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::Config;
use super::error::ConfigError;
use super::fault::{Fault, list};
use super::nearest::{did_you_mean, nearest};
use super::place::Place;

/// One key or table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// With its tables, as in `model.encoder.kind`.
    pub path: String,
    /// For a table, the names in it.
    pub names: &'static [&'static str],
    /// For a key of a few choices, these.
    pub choices: &'static [&'static str],
}

impl Key {
    /// The table around it, empty at the top, and the name in that table.
    pub fn parts(&self) -> (&str, &str) {
        self.path.rsplit_once('.').unwrap_or(("", &self.path))
    }

    /// Whether this is a table.
    pub fn is_table(&self) -> bool {
        !self.names.is_empty()
    }
}

/// Every key and table, in the order of the structs; a table comes before what is in it.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// The top has an empty path.
    pub keys: Vec<Key>,
}

impl Config {
    /// Refuses a name that is neither a key nor a table.
    ///
    /// # Errors
    /// The reason, with the nearest key there is.
    pub fn check_key(name: &str) -> Result<(), String> {
        let keys = Keys::all().keys.iter().map(|key| key.path.as_str());
        let known: Vec<&str> = keys.filter(|path| !path.is_empty()).collect();
        if known.contains(&name) {
            return Ok(());
        }
        let suggestion = did_you_mean(nearest(name, &known), "`");
        Err(format!("`{name}` is no key of a config{suggestion}"))
    }
}

impl Keys {
    /// Those of [`Config`].
    pub fn all() -> &'static Self {
        static KEYS: OnceLock<Keys> = OnceLock::new();
        KEYS.get_or_init(|| {
            let mut keys = Self::default();
            // The values read are all empty; only which were asked for counts.
            let _ = Config::deserialize(Probe {
                path: String::new(),
                keys: &mut keys,
            });
            keys
        })
    }

    /// Explains the unknown `name` in `table`, whose names are `known`.
    pub fn unknown(
        &self,
        place: Place,
        key: String,
        name: &str,
        table: &str,
        known: &[&str],
        is_table: bool,
    ) -> ConfigError {
        let near = nearest(name, known);
        let elsewhere = self.elsewhere(name, table);
        let suggestion = match near {
            Some(near) => did_you_mean(Some(near), "`"),
            None if !elsewhere.is_empty() => format!("; `{name}` is a key of {elsewhere}"),
            None => String::new(),
        };
        let known = match table {
            "" => format!("Known at the top of a config: {}", self.top()),
            table => format!("Known keys of [{table}]: {}", list(known, "")),
        };
        ConfigError::UnknownKey {
            place,
            what: if is_table { "table" } else { "key" },
            key: key.into(),
            suggestion: suggestion.into(),
            known: known.into(),
        }
    }

    /// The other tables that have a key `name`: `[train] and [valid]`.
    fn elsewhere(&self, name: &str, table: &str) -> String {
        let tables = self.keys.iter().filter_map(|key| {
            let (other, known) = key.parts();
            (known == name && other != table && !other.is_empty()).then(|| format!("[{other}]"))
        });
        tables.take(4).collect::<Vec<_>>().join(" and ")
    }

    /// The keys and `[tables]` at the top.
    fn top(&self) -> String {
        let top = self
            .keys
            .iter()
            .filter(|key| !key.path.is_empty() && !key.path.contains('.'));
        let shown = top.map(|key| match key.is_table() {
            true => format!("[{}]", key.path),
            false => key.path.clone(),
        });
        shown.collect::<Vec<_>>().join(", ")
    }
}

/// Notes what is asked for and answers with the emptiest value.
struct Probe<'a> {
    path: String,
    keys: &'a mut Keys,
}

impl Probe<'_> {
    fn note(&mut self, names: &'static [&'static str], choices: &'static [&'static str]) {
        self.keys.keys.push(Key {
            path: self.path.clone(),
            names,
            choices,
        });
    }
}

macro_rules! leaf {
    ($($method:ident $visit:ident $value:expr;)*) => {$(
        fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
            self.note(&[], &[]);
            visitor.$visit($value)
        }
    )*};
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Fault;

    leaf! {
        deserialize_bool visit_bool false;
        deserialize_u8 visit_u8 0;
        deserialize_u16 visit_u16 0;
        deserialize_u32 visit_u32 0;
        deserialize_u64 visit_u64 0;
        deserialize_i8 visit_i8 0;
        deserialize_i16 visit_i16 0;
        deserialize_i32 visit_i32 0;
        deserialize_i64 visit_i64 0;
        deserialize_f32 visit_f32 0.0;
        deserialize_f64 visit_f64 0.0;
        deserialize_str visit_str "";
        deserialize_string visit_str "";
    }

    /// A value of several forms can be empty in all of them.
    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        self.note(&[], &[]);
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.note(names, &[]);
        visitor.visit_map(Fields { table: self, names })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        choices: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.note(&[], choices);
        let first = choices.first().copied().unwrap_or_default();
        visitor.visit_enum(StrDeserializer::new(first))
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        self.note(&[], &[]);
        visitor.visit_seq(EachOnce { place: 0, end: 1 })
    }

    forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct newtype_struct tuple
        tuple_struct map identifier ignored_any
    }
}

/// A list that holds each choice of its elements once.
struct EachOnce {
    place: usize,
    end: usize,
}

impl<'de> SeqAccess<'de> for EachOnce {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Fault> {
        if self.place == self.end {
            return Ok(None);
        }
        self.place += 1;
        seed.deserialize(Chosen(self)).map(Some)
    }
}

/// The choice at the place of a list.
struct Chosen<'a>(&'a mut EachOnce);

impl<'de> Deserializer<'de> for Chosen<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str("")
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        choices: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.0.end = choices.len();
        let choice = choices.get(self.0.place - 1).copied().unwrap_or_default();
        visitor.visit_enum(StrDeserializer::new(choice))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// Offers each name of a struct in turn.
struct Fields<'a> {
    table: Probe<'a>,
    names: &'static [&'static str],
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let name = self.names.first();
        name.map(|name| seed.deserialize(StrDeserializer::new(name)))
            .transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let Some((name, rest)) = self.names.split_first() else {
            return Err(serde::de::Error::custom(
                "a value was asked for before its key",
            ));
        };
        self.names = rest;
        let path = match self.table.path.as_str() {
            "" => (*name).to_owned(),
            table => format!("{table}.{name}"),
        };
        seed.deserialize(Probe {
            path,
            keys: self.table.keys,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(path: &str) -> &'static Key {
        Keys::all()
            .keys
            .iter()
            .find(|key| key.path == path)
            .unwrap()
    }

    #[test]
    fn the_structs_name_their_keys() {
        assert!(find("model.encoder").names.contains(&"layers"));
        assert_eq!(
            find("model.encoder.kind").choices,
            ["rnn", "gru", "lstm", "conv", "image"]
        );
        assert_eq!(
            find("search.normalization").choices,
            ["none", "average", "gnmt"]
        );
        assert!(!find("data.train").is_table());
        assert_eq!(find("valid.every_steps").parts(), ("valid", "every_steps"));
    }

    #[test]
    fn the_last_table_was_reached() {
        // A struct that refuses the probe's values would end the list early.
        let top = find("").names;
        for name in top {
            assert!(
                Keys::all().keys.iter().any(|key| key.path == *name),
                "{name}"
            );
        }
        assert_eq!(find("search.allow_unknown").parts().0, "search");
    }
}
