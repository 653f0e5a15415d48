//! What is saved beside what the optimiser remembers, under names that begin in their own way.

use model::parameters::Parameters;

/// Puts `own` into `memory`, with `prefix` before each name.
pub(super) fn put(prefix: &str, own: Parameters, memory: &mut Parameters) {
    let named = own
        .into_iter()
        .map(|(name, values)| (format!("{prefix}{name}"), values));
    memory.extend(named);
}

/// Takes out again what was put there with `prefix`.
pub(super) fn take(prefix: &str, memory: &mut Parameters) -> Parameters {
    let names: Vec<String> = memory
        .keys()
        .filter(|name| name.starts_with(prefix))
        .cloned()
        .collect();
    let own = names.into_iter().filter_map(|name| {
        let values = memory.remove(&name)?;
        Some((name[prefix.len()..].to_owned(), values))
    });
    own.collect()
}
