//! The configs that come with the project.

use std::fs;
use std::path::{Path, PathBuf};

use super::Config;

fn configs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs");
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_config = |path: &PathBuf| path.extension().is_some_and(|end| end == "toml");
    let mut paths: Vec<_> = entries.filter(is_config).collect();
    paths.sort();
    paths
}

#[test]
fn every_config_is_right_and_is_named_like_its_file() {
    let paths = configs();
    assert!(paths.len() >= 3, "{paths:?}");
    for path in paths {
        let loaded = Config::load(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert!(loaded.notices.is_empty());
        assert_eq!(
            Some(loaded.config.name.as_str()),
            path.file_stem().and_then(|stem| stem.to_str())
        );
    }
}

#[test]
fn every_line_is_explained() {
    for path in configs() {
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let is_setting = !line.is_empty() && !line.starts_with(['#', '[']);
            let place = format!("{}:{}: {line}", path.display(), number + 1);
            assert!(!is_setting || line.contains(" # "), "{place}");
        }
    }
}

#[test]
fn every_config_is_in_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs");
    let list = fs::read_to_string(folder.join("README.md")).unwrap();
    for path in configs() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(list.contains(&format!("[{name}]({name})")), "{name}");
    }
}
