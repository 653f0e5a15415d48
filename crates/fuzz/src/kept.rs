//! The inputs that are kept.

use std::fs;
use std::path::{Path, PathBuf};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The names in a folder, sorted.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut names: Vec<String> = names.filter_map(|name| name.into_string().ok()).collect();
    names.sort();
    names
}

/// The targets for which inputs are kept, sorted.
///
/// # Panics
/// When the corpus is missing.
pub fn targets() -> Vec<String> {
    names_in(&corpus())
}

/// The inputs that are kept for a target with their names, in the order of these.
///
/// # Panics
/// When there is none, or one cannot be read.
pub fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = corpus().join(target);
    let read = |name: String| {
        let path = folder.join(&name);
        let input = fs::read(&path);
        let input = input.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (name, input)
    };
    let inputs: Vec<_> = names_in(&folder).into_iter().map(read).collect();
    assert!(!inputs.is_empty(), "{}: nothing is kept", folder.display());
    inputs
}
