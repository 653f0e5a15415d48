//! Reads a tree into structs. Struct and enum types know their own keys and choices, so no second
//! list of them exists.

use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::document::{Node, Value};
use super::fault::{Fault, list};

impl Node {
    /// The text of this node, if text is what it can be taken for.
    fn text(&self) -> Option<&str> {
        match (&self.value, &self.typed) {
            (Value::Text(text), _) => Some(text),
            (Value::List(_) | Value::Table(_), _) => None,
            (_, typed) => typed.as_deref(),
        }
    }

    fn unsigned(&self) -> Result<u64, Fault> {
        match self.value {
            Value::Whole(number) => u64::try_from(number)
                .map_err(|_| Fault::out_of_range(number, "a whole number, 0 or more")),
            _ => Err(Fault::wrong_type(
                self,
                "a whole number",
                self.number_hint(),
            )),
        }
    }

    /// Returns advice for someone who wrote `"64"` or `64.0` for a number.
    fn number_hint(&self) -> &'static str {
        match &self.value {
            Value::Text(text) if text.parse::<f64>().is_ok() => "; write the number without quotes",
            Value::Number(_) => "; write it without a decimal point or exponent",
            _ => "",
        }
    }
}

impl<'de> IntoDeserializer<'de, Fault> for &'de Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! whole {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.visit_u64(self.unsigned()?)
        }
    )*};
}

macro_rules! signed {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self.value {
                Value::Whole(number) => visitor.visit_i64(number),
                _ => Err(Fault::wrong_type(self, "a whole number", self.number_hint())),
            }
        }
    )*};
}

macro_rules! number {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self.value {
                Value::Whole(number) => visitor.visit_f64(number as f64),
                Value::Number(number) if number.is_finite() => visitor.visit_f64(number),
                Value::Number(number) => Err(Fault::out_of_range(number, "a finite number")),
                _ => Err(Fault::wrong_type(self, "a number", self.number_hint())),
            }
        }
    )*};
}

macro_rules! text {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self.text() {
                Some(text) => visitor.visit_str(text),
                None => Err(Fault::wrong_type(self, "text", "; put it in \"quotes\"")),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Fault;

    whole!(deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64);
    signed!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);
    number!(deserialize_f32 deserialize_f64);
    text!(deserialize_str deserialize_string);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if let Some(text) = self.text() {
            return visitor.visit_str(text);
        }
        match &self.value {
            Value::Text(text) => visitor.visit_str(text),
            Value::Date(_) => Err(Fault::wrong_type(self, "text", "; put it in \"quotes\"")),
            Value::Whole(number) => visitor.visit_i64(*number),
            Value::Number(number) => visitor.visit_f64(*number),
            Value::Flag(flag) => visitor.visit_bool(*flag),
            Value::List(items) => visitor.visit_seq(SeqDeserializer::new(items.iter())),
            Value::Table(entries) => visitor.visit_map(Entries { rest: entries }),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Value::Flag(flag) => visitor.visit_bool(flag),
            _ => {
                let quoted = matches!(self.text(), Some("true" | "false"));
                let hint = if quoted {
                    "; write it without quotes"
                } else {
                    ""
                };
                Err(Fault::wrong_type(self, "true or false", hint))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.value {
            Value::Table(entries) => visitor.visit_map(Entries { rest: entries }),
            _ => Err(Fault::wrong_type(self, "a table", "")),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.text() {
            Some(text) => visitor.visit_enum(StrDeserializer::new(text)),
            None => {
                let expected = format!("one of {}", list(variants, "\""));
                Err(Fault::wrong_type(self, expected, ""))
            }
        }
    }

    forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct newtype_struct seq tuple tuple_struct map
        identifier ignored_any
    }
}

/// The entries of a table that are still to be read.
struct Entries<'de> {
    rest: &'de [(String, Node)],
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some((key, node)) = self.rest.first() else {
            return Ok(None);
        };
        seed.deserialize(StrDeserializer::new(key))
            .map(Some)
            .map_err(|fault: Fault| fault.inside(key, node))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let Some(((key, node), rest)) = self.rest.split_first() else {
            return Err(serde::de::Error::custom(
                "a value was asked for before its key",
            ));
        };
        self.rest = rest;
        seed.deserialize(node)
            .map_err(|fault| fault.inside(key, node))
    }
}
