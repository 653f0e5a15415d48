//! Everything that can be wrong with what a user gives: one screen that says what, where and what to
//! do, exit code 2, and nothing half-written.

#[path = "../support/mod.rs"]
mod support;

mod checkpoint;
mod config;
mod corpus;
mod decoding;
mod device;
mod folder;
mod images;
mod messages;
mod signals;
mod translate;

use std::fs;
use std::path::Path;

use support::{CONFIG, Outcome, RUN, Sandbox, finish, pairs, tsv};

/// Trains with `more`; must be refused and leave everything as it was.
fn refused(sandbox: &Sandbox, more: &[&str], words: &[&str]) {
    let before = sandbox.snapshot();
    let outcome = finish(&mut sandbox.training(RUN, more), b"");
    outcome.assert_refused(words);
    assert_unchanged(sandbox, &before);
}

fn assert_unchanged(
    sandbox: &Sandbox,
    before: &std::collections::BTreeMap<std::path::PathBuf, Vec<u8>>,
) {
    let after = sandbox.snapshot();
    let paths =
        |files: &std::collections::BTreeMap<_, _>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(paths(&after), paths(before));
    for (path, content) in before {
        // The number of the process that held a run last is no part of the run.
        if path.file_name().is_some_and(|name| name != "lock") {
            assert!(after[path] == *content, "{} has changed", path.display());
        }
    }
}

/// Trains with another corpus; must be refused.
fn corpus_refused(content: &[u8], words: &[&str]) {
    let sandbox = Sandbox::new();
    sandbox.write("other.tsv", content);
    for key in ["train", "valid", "test", "unseen"] {
        refused(
            &sandbox,
            &["--set", &format!("data.{key}=other.tsv")],
            words,
        );
    }
}
