//! Which crate uses which, as `CONTRIBUTING.md` says it, that Burn is needed for training alone, and that the files of
//! a crate are in layers.

use std::collections::{BTreeMap, BTreeSet};
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

/// The lines under `[dependencies]` of a crate, each with the name that it begins with.
fn dependency_lines(name: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
    let lines = text.lines().skip_while(|line| *line != "[dependencies]");
    let lines = lines.skip(1).take_while(|line| !line.starts_with('['));
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let named = |line: &str| {
        let name = line.split([' ', '.', '=']).next()?;
        Some((name.to_owned(), line.to_owned()))
    };
    lines.filter_map(named).collect()
}

/// The names of a crate's dependencies.
fn dependencies(name: &str) -> Vec<String> {
    let lines = dependency_lines(name).into_iter();
    lines.map(|(name, _)| name).collect()
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
        let trains = ["model", "trainer"].contains(&&*name);
        let burns = dependency_lines(&name).iter().any(|(one, line)| {
            let library = one.starts_with("burn") || one.starts_with("cubecl");
            // Operations on tensors are a feature of theirs.
            library && !line.contains("optional") || line.contains("\"tensors\"")
        });
        assert_eq!(burns, trains, "{name}");
    }
}

#[test]
fn the_energies_are_declared_once() {
    let declared = crates().into_iter().flat_map(|name| {
        let mut files = Files::new();
        read_files(
            &root().join(format!("crates/{name}/src")),
            &name,
            &mut files,
        );
        let has = |text: &String| text.contains("enum Energy") || text.contains("trait Energy");
        files.retain(|_, text| has(text));
        files.into_keys()
    });
    assert_eq!(declared.collect::<Vec<_>>(), ["network::energy"]);
}

/// Files that name a member of a family are those that a new member touches, besides its own: one for each form that a network
/// has (tree, module, packed, ONNX graph), and where its name and its rules are.
#[test]
fn a_member_of_a_family_is_named_in_few_files() {
    let names = |words: &[&str], own: &str| {
        let mut found = Vec::new();
        for name in crates() {
            let mut files = Files::new();
            read_files(
                &root().join(format!("crates/{name}/src")),
                &name,
                &mut files,
            );
            files.retain(|module, text| {
                !module.contains(own) && words.iter().any(|word| text.contains(word))
            });
            found.extend(files.into_keys());
        }
        found
    };
    let decoder = names(
        &["Cgru", "Conditional", "conditional::", "mod conditional"],
        "::conditional",
    );
    let option = names(
        &["gate_norm", "normalises_gates", "LayerNorm::Gates"],
        "::normalised",
    );
    for files in [decoder, option] {
        assert!((1..=7).contains(&files.len()), "{files:?}");
    }
}

/// The files of a crate, without comments and tests, by their module: `a::b`, or nothing for the root.
type Files = BTreeMap<String, String>;

/// For each file those that it uses.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// `name` in `module`.
fn within(module: &str, name: &str) -> String {
    match module {
        "" => name.to_owned(),
        _ => format!("{module}::{name}"),
    }
}

/// Reads the files in `folder`, which is that of `module`.
fn read_files(folder: &Path, module: &str, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if name == "tests" {
            continue;
        }
        if path.is_dir() {
            read_files(&path, &within(module, name), files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let module = match (module, name) {
                (_, "mod") => module.to_owned(),
                ("", "lib" | "main") => String::new(),
                _ => within(module, name),
            };
            let text = fs::read_to_string(&path).unwrap();
            files.entry(module).or_default().push_str(&code(&text));
        }
    }
}

/// A file without its comments and the module of tests at its end.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    let lines: Vec<&str> = lines.collect();
    let tests = lines.windows(2).position(|two| {
        let only = ["#[cfg(test)]", "#[cfg(all(test"];
        let is_module = two[1].contains("mod ") && two[1].ends_with('{');
        is_module && only.iter().any(|start| two[0].starts_with(start))
    });
    lines[..tests.unwrap_or(lines.len())].join("\n") + "\n"
}

/// What ends a statement as `use` and a tree of paths: what stands before, whether it is public, the tree.
fn import(statement: &str) -> Option<(&str, bool, &str)> {
    let (before, tree) = statement.rsplit_once("use ")?;
    let (before, start) = before.rsplit_once('\n').unwrap_or(("", before));
    let start = start.trim_start();
    let is_public = start == "pub " || start.starts_with("pub(") && start.ends_with(") ");
    (is_public || start.is_empty()).then_some((before, is_public, tree))
}

/// The paths of a tree: `a::{b, c::d}` has two.
fn paths(tree: &str) -> Vec<String> {
    let Some((start, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap().trim().to_owned()];
    };
    let branches = rest.rsplit_once('}').unwrap().0;
    let mut depth = 0;
    let branches = branches.split(|letter| {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        letter == ',' && depth == 0
    });
    let branches = branches.map(str::trim).filter(|part| !part.is_empty());
    let whole = branches.map(|part| format!("{}{part}", start.trim()));
    whole.flat_map(|path| paths(&path)).collect()
}

/// The paths that stand in code, `crate::a::b` or `super::c`; that of a visibility is no use.
fn paths_in(code: &str) -> Vec<String> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    let starts = ["crate::", "super::"].map(|start| code.match_indices(start));
    let places = starts.into_iter().flatten().map(|(place, _)| place);
    let places = places
        .filter(|&place| !code[..place].ends_with(is_part) && !code[..place].ends_with("(in "));
    let rest = places.map(|place| code[place..].split(|letter| !is_part(letter)));
    rest.filter_map(|mut parts| parts.next().map(str::to_owned))
        .collect()
}

/// The module that a path in `module` leads to and its item there; nothing if it leads to another crate.
fn resolve(files: &Files, module: &str, path: &str) -> Option<(String, String)> {
    let mut parts = path.split("::").peekable();
    let mut at = match *parts.peek()? {
        "crate" => String::new(),
        "self" | "super" => module.to_owned(),
        name => files
            .contains_key(&within(module, name))
            .then(|| module.to_owned())?,
    };
    parts.next_if(|part| ["crate", "self"].contains(part));
    while parts.next_if_eq(&"super").is_some() {
        at = at.rsplit_once("::").map_or("", |(parent, _)| parent).into();
    }
    while let Some(name) = parts.next_if(|name| files.contains_key(&within(&at, name))) {
        at = within(&at, name);
    }
    Some((at, parts.next().unwrap_or_default().to_owned()))
}

/// What the files of a crate use of each other, by `use` or by a path from `crate` or `super`. What a file exports for
/// another is the other's. That a module calls its own children, `child::function`, does not count.
fn uses(files: &Files) -> Uses {
    let mut exports = BTreeMap::new();
    let mut used = Vec::new();
    for (module, text) in files {
        for statement in text.split(';') {
            let (before, is_public, tree) = import(statement).unwrap_or((statement, false, ""));
            used.extend(paths_in(before).into_iter().map(|path| (module, path)));
            for path in paths(tree) {
                if !is_public {
                    used.push((module, path));
                } else if let Some((from, item)) = resolve(files, module, &path)
                    && !item.is_empty()
                {
                    exports.insert((module.clone(), item), from);
                }
            }
        }
    }
    let mut uses: Uses = files.keys().map(|name| (name.clone(), [].into())).collect();
    for (module, path) in used {
        let Some(mut place) = resolve(files, module, &path) else {
            continue;
        };
        while let Some(from) = exports.get(&place).filter(|from| **from != place.0) {
            place.0 = from.clone();
        }
        if place.0 != *module {
            uses.get_mut(module).unwrap().insert(place.0);
        }
    }
    uses
}

/// Adds to `reached` what `module` uses, and what that uses, and so on.
fn reach<'a>(uses: &'a Uses, module: &str, reached: &mut BTreeSet<&'a str>) {
    for other in uses.get(module).into_iter().flatten() {
        if reached.insert(other) {
            reach(uses, other, reached);
        }
    }
}

#[test]
fn no_circle_has_more_than_three_files() {
    for name in crates() {
        let mut files = Files::new();
        read_files(&root().join(format!("crates/{name}/src")), "", &mut files);
        let uses = uses(&files);
        let from = |module: &str| {
            let mut reached = BTreeSet::new();
            reach(&uses, module, &mut reached);
            reached
        };
        for module in uses.keys() {
            let mut circle = from(module);
            circle.retain(|other| from(other).contains(&**module));
            assert!(
                circle.len() <= 3,
                "{name}: each of these files needs all others; move what they share to files of its own: {circle:?}"
            );
        }
    }
}
