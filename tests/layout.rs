//! Which crate uses which, as `CONTRIBUTING.md` says it, and that Burn is needed for training alone.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The names of the crates here.
fn crates() -> Vec<String> {
    let entries = fs::read_dir(root().join("crates")).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// What stands under `[dependencies]` of a crate.
fn dependencies(name: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
    let lines = text.lines().skip_while(|line| *line != "[dependencies]");
    let lines = lines.skip(1).take_while(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| line.split([' ', '.', '=']).next());
    let names = names.filter(|name| !name.is_empty() && !name.starts_with('#'));
    names.map(str::to_owned).collect()
}

#[test]
fn crates_use_those_that_the_map_names() {
    let page = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let names = crates();
    for name in &names {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")))
            .unwrap_or_else(|| panic!("the map has no row for `{name}`"));
        let uses = row.trim_end_matches('|').rsplit('|').next().unwrap();
        let named: Vec<&str> = uses.split('`').skip(1).step_by(2).collect();
        let mut found = dependencies(name);
        found.retain(|one| names.contains(one));
        found.sort();
        assert_eq!(found, named, "{name}");
    }
}

#[test]
fn using_a_model_needs_no_tensor_library() {
    for name in crates() {
        let burns = dependencies(&name)
            .iter()
            .any(|one| one.starts_with("burn") || one.starts_with("cubecl"));
        assert_eq!(burns, ["model", "trainer"].contains(&&*name), "{name}");
    }
}
