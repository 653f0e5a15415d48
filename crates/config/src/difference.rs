//! Keys that two configs give other values.

use std::collections::BTreeMap;
use std::fmt;

use toml::Value;

use super::Config;

/// A key with its values in two configs; a key that a config leaves out has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its name, with dots between the tables: `model.hidden_size`.
    pub key: String,
    /// In the first config, as TOML writes it.
    pub before: Option<String>,
    /// In the second.
    pub now: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".into());
        let (before, now) = (said(&self.before), said(&self.now));
        write!(f, "`{}` was {before} and is {now}", self.key)
    }
}

impl Config {
    /// The keys that `other` gives other values, in the order of their names. They come of the config as it is written,
    /// so that none can be forgotten.
    pub fn differences(&self, other: &Config) -> Vec<Difference> {
        let (mut before, mut now) = (self.leaves(), other.leaves());
        let mut keys: Vec<String> = before.keys().chain(now.keys()).cloned().collect();
        keys.sort();
        keys.dedup();
        let found = keys.into_iter().map(|key| Difference {
            before: before.remove(&key),
            now: now.remove(&key),
            key,
        });
        found.filter(|one| one.before != one.now).collect()
    }

    /// The value of each key, as text.
    fn leaves(&self) -> BTreeMap<String, String> {
        fn walk(path: &str, value: Value, found: &mut BTreeMap<String, String>) {
            let Value::Table(table) = value else {
                found.insert(path.to_owned(), value.to_string());
                return;
            };
            for (name, value) in table {
                let path = match path {
                    "" => name,
                    path => format!("{path}.{name}"),
                };
                walk(&path, value, found);
            }
        }
        let mut found = BTreeMap::new();
        // A config that was read holds only what TOML can say.
        let value = Value::try_from(self).expect("a config that was read can be written");
        walk("", value, &mut found);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_difference_is_named_with_both_values() {
        let before = Config::default();
        let mut now = before.clone();
        assert_eq!(before.differences(&now), []);
        now.seed += 1;
        now.model.hidden_size = 7;
        now.train.start_from = Some("runs/other".into());
        let said: Vec<String> = before
            .differences(&now)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            said,
            [
                format!(
                    "`model.hidden_size` was {} and is 7",
                    before.model.hidden_size
                ),
                format!("`seed` was {} and is {}", before.seed, now.seed),
                "`train.start_from` was not set and is \"runs/other\"".into(),
            ]
        );
    }
}
