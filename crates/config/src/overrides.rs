//! `--set KEY=VALUE`: values of the command line put over those of a file.

use super::Config;
use super::document::{Node, Value};
use super::error::ConfigError;
use super::place::{Place, quote};
use super::violation::{Cause, Violation};

/// No key lies deeper; more dots are a slip.
const DEEPEST: usize = 8;

/// Puts one override, `KEY=VALUE`, over `tree`.
///
/// # Errors
/// No `=`, a key that is no dotted name, or a key inside a value that is no table. Whether the key
/// exists is not looked at here.
pub(super) fn apply(tree: &mut Node, text: &str) -> Result<(), ConfigError> {
    let place = Place::Override(text.to_owned());
    let refuse = |problem: String| ConfigError::Override {
        place: place.clone(),
        problem,
    };
    let Some((key, value)) = text.split_once('=') else {
        return Err(refuse("there is no `=`".into()));
    };
    let names: Vec<&str> = key.split('.').map(str::trim).collect();
    if names.iter().any(|name| name.is_empty()) {
        return Err(refuse(format!(
            "`{}` is no key: a part of it is empty",
            quote(key)
        )));
    }
    if names.len() > DEEPEST {
        return Err(refuse(format!("no key has {} parts", names.len())));
    }
    let node = Node::of_override(value.trim(), &place);
    tree.insert(&names, node).map_err(|inner| {
        let inner = quote(&inner);
        refuse(format!(
            "`{inner}` is no table but a single value; set `{inner}` as a whole"
        ))
    })
}

/// Drops from `tree` the key that `violation` is about, if it was right in the file (`original`)
/// and is left over from a kind that an override changed. Returns what to tell the user.
pub(super) fn drop_left_over(
    tree: &mut Node,
    original: &Node,
    violation: &Violation,
) -> Option<String> {
    let Cause::Misplaced { owner, .. } = &violation.cause else {
        return None;
    };
    let key = &violation.key;
    if matches!(tree.find(key)?.place, Place::Override(_)) {
        return None;
    }
    let (new, by) = kinds_of(key)
        .iter()
        .find_map(|kind_key| changed(tree, original, key, kind_key))?;
    let dropped = tree.remove(key)?;
    Some(format!(
        "{}: `{key}` is left out: it belongs to {owner}, and {by} chose \"{new}\"",
        dropped.place,
    ))
}

/// The kind that an override put at `kind_key`, and that override, if the file's own kind was another
/// and `key` was right under it.
fn changed(tree: &Node, original: &Node, key: &str, kind_key: &str) -> Option<(String, Place)> {
    let chosen = tree.find(kind_key)?;
    if !matches!(chosen.place, Place::Override(_)) {
        return None;
    }
    let Value::Text(new) = &chosen.value else {
        return None;
    };
    let old = match original.find(kind_key).map(|node| &node.value) {
        Some(Value::Text(old)) => Some(old.clone()),
        Some(_) => None,
        None => default_kind(kind_key),
    };
    let dropped = old.as_ref() != Some(new) && !was_wrong(tree, original, key, kind_key);
    dropped.then(|| (new.clone(), chosen.place.clone()))
}

/// Whether `key` was of the wrong kind under the file's own kind too.
fn was_wrong(tree: &Node, original: &Node, key: &str, kind_key: &str) -> bool {
    let mut before = tree.clone();
    let names: Vec<&str> = kind_key.split('.').collect();
    match original.find(kind_key) {
        Some(kind) if before.insert(&names, kind.clone()).is_ok() => {}
        _ => drop(before.remove(kind_key)),
    }
    let Ok(config) = Config::of(&before) else {
        return false;
    };
    let violation = config.check().err();
    violation
        .is_some_and(|found| found.key == key && matches!(found.cause, Cause::Misplaced { .. }))
}

/// The kinds that decide whether `key` may be given.
fn kinds_of(key: &str) -> Vec<String> {
    let kinds: &[&str] = match key.rsplit_once('.') {
        // Where a decoder sees the source is a question only without attention.
        Some(
            ("model", "context")
            | ("train", "coverage_loss")
            | ("train.guided_alignment", "weight"),
        ) => &["model.attention"],
        // A state before the step can ask only in a recurrent decoder.
        Some(("model.attention", "query")) => &["model.attention", "model.decoder"],
        Some(("search", _)) => return vec!["search.method".into()],
        Some(("train.minimum_risk", _)) => return vec!["train.objective".into()],
        Some((table, _)) => &[table],
        None => return vec!["kind".into()],
    };
    kinds.iter().map(|table| format!("{table}.kind")).collect()
}

/// The kind of a config that does not say.
fn default_kind(key: &str) -> Option<String> {
    let defaults = toml::Value::try_from(Config::default()).ok()?;
    let value = key
        .split('.')
        .try_fold(&defaults, |table, name| table.get(name))?;
    value.as_str().map(str::to_owned)
}
