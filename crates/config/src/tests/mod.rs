//! Whole configs, right and wrong.

mod arbitrary;
mod images;
mod mistakes;
mod overriding;
mod reference;
mod shipped;
mod signals;
mod written;

use super::{Config, ConfigError, Loaded};

/// The least that a config must say, in two lines.
pub(super) const LEAST: &str =
    "data.train = \"builtin:en-zh:train\"\ndata.valid = \"builtin:en-zh:valid\"\n";

/// Reads `text` as `x.toml`.
pub(super) fn parse(text: &str, overrides: &[&str]) -> Result<Loaded, ConfigError> {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    Config::parse(text, "x.toml", &overrides)
}

/// Reads the least config with `lines` after it, which must be right.
pub(super) fn right(lines: &str, overrides: &[&str]) -> Loaded {
    parse(&format!("{LEAST}{lines}"), overrides).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the message about the least config with `lines` after it, which must be wrong.
pub(super) fn wrong(lines: &str, overrides: &[&str]) -> String {
    let text = format!("{LEAST}{lines}");
    match parse(&text, overrides) {
        Ok(_) => panic!("this should have been refused:\n{text}\n{overrides:?}"),
        Err(error) => error.to_string(),
    }
}

/// Fails unless `message` contains each of `parts`.
pub(super) fn says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}
