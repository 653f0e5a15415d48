//! `docs/configuration.md` says every key, choice, default and message as they are.

use std::collections::BTreeMap;

use super::super::keys::Keys;
use super::{Config, LEAST, parse};

const PAGE: &str = include_str!("../../../../docs/configuration.md");

/// The cells of the row of each key, by the key with its table.
fn rows() -> BTreeMap<String, Vec<String>> {
    let mut tables: Vec<String> = Vec::new();
    let mut rows = BTreeMap::new();
    for line in PAGE.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            let quoted = heading.split('`').skip(1).step_by(2);
            tables = quoted
                .map(|table| table.trim_matches(['[', ']']).to_owned())
                .collect();
            if heading == "The top" {
                tables.push(String::new());
            }
        }
        let Some((key, rest)) = line.strip_prefix("| `").and_then(|row| row.split_once('`')) else {
            continue;
        };
        let cells: Vec<_> = rest
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .skip(1)
            .collect();
        for table in &tables {
            let dot = if table.is_empty() { "" } else { "." };
            rows.insert(format!("{table}{dot}{key}"), cells.clone());
        }
    }
    rows
}

#[test]
fn every_key_and_choice_has_its_row_and_every_row_its_key() {
    let rows = rows();
    let keys: Vec<_> = Keys::all()
        .keys
        .iter()
        .filter(|key| !key.is_table())
        .collect();
    for key in &keys {
        let row = rows
            .get(&key.path)
            .unwrap_or_else(|| panic!("no row for {}", key.path));
        for choice in key.choices {
            assert!(
                row[0].contains(&format!("`\"{choice}\"`")),
                "{} lacks {choice}: {row:?}",
                key.path
            );
        }
    }
    for path in rows.keys() {
        assert!(
            keys.iter().any(|key| key.path == *path),
            "no key for the row {path}"
        );
    }
}

#[test]
fn every_default_is_the_real_one() {
    let config = parse(LEAST, &[]).unwrap().config;
    let defaults = toml::Value::try_from(&config).unwrap();
    for (path, row) in rows() {
        if path == "data.train" || path == "data.valid" {
            assert_eq!(row[1], "must be given");
            continue;
        }
        let mut names = path.split('.');
        match names.try_fold(&defaults, |table, name| table.get(name)) {
            Some(value) => {
                let written = row[1].split('`').nth(1).unwrap_or_default();
                assert_eq!(written.parse(), Ok(value.clone()), "{path}: {row:?}");
            }
            None => assert!(!row[1].is_empty(), "{path}"),
        }
    }
}

#[test]
fn the_effective_config_holds_no_key_without_a_row() {
    let rows = rows();
    let defaults = toml::Value::try_from(Config::default().effective()).unwrap();
    let mut waiting = vec![(String::new(), defaults)];
    while let Some((path, value)) = waiting.pop() {
        match value {
            toml::Value::Table(table) => {
                let dot = if path.is_empty() { "" } else { "." };
                waiting.extend(
                    table
                        .into_iter()
                        .map(|(key, value)| (format!("{path}{dot}{key}"), value)),
                );
            }
            _ => assert!(rows.contains_key(&path), "{path}"),
        }
    }
}

/// The file of the page's examples.
const EXAMPLE: &str = "\
name = \"example\"
[data]
train = \"builtin:en-zh:train\"
valid = \"builtin:en-zh:valid\"
[model]
hidden_size = 256
[optimizer]
beta1 = 0.8
";

#[test]
fn the_messages_on_the_page_are_real() {
    let changed = |from: &str, to: &str| EXAMPLE.replace(from, to);
    let cases: [(String, &[&str]); 9] = [
        (changed("hidden_size", "hiden_size"), &[]),
        (changed("[model]", "[train]\nbeam = 5\n[model]"), &[]),
        (changed("256", "\"256\""), &[]),
        (changed("hidden_size = 256", "dropout = 1.5"), &[]),
        (changed("hidden_size = 256", "encoder.kind = \"ltsm\""), &[]),
        (changed("beta1", "kind = \"sgd\"\nbeta1"), &[]),
        (changed("valid = ", "# valid = "), &[]),
        (EXAMPLE.to_owned(), &["model.decoder.bidirectional=true"]),
        (EXAMPLE.to_owned(), &["model.embeding_size=3"]),
    ];
    for (text, overrides) in cases {
        let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
        let error = Config::parse(&text, "example.toml", &overrides).unwrap_err();
        assert!(
            PAGE.contains(&error.to_string()),
            "not on the page:\n{error}"
        );
    }
    let overrides = ["optimizer.kind=sgd".to_owned()];
    let loaded = Config::parse(EXAMPLE, "example.toml", &overrides).unwrap();
    assert!(
        PAGE.contains(&loaded.notices[0]),
        "not on the page:\n{}",
        loaded.notices[0]
    );
}
