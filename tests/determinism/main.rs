//! The same config and seed give the same bytes, however often a run was stopped on its way.

#[path = "../support/mod.rs"]
mod support;

mod accumulation;
mod caches;
mod interruption;
mod lists;
mod repetition;
mod resume;
mod signals;

use std::fs;
use std::process::{Child, Command};
use std::time::{Duration, SystemTime};

use support::{Outcome, RUN, Sandbox, pairs, tsv};

/// The steps of the records of one kind.
fn steps(sandbox: &Sandbox, run: &str, kind: &str) -> Vec<u64> {
    let records = sandbox.metrics(run);
    let of_kind = records.iter().filter(|record| record["kind"] == kind);
    of_kind
        .map(|record| record["step"].as_u64().unwrap())
        .collect()
}

/// The losses of all updates, exactly.
fn losses(sandbox: &Sandbox, run: &str) -> Vec<f64> {
    let records = sandbox.metrics(run);
    let of_updates = records.iter().filter(|record| record["kind"] == "train");
    of_updates
        .map(|record| record["loss"].as_f64().unwrap())
        .collect()
}

/// Both runs ended alike: tensors, losses of every update, and which checkpoint is the best.
fn assert_same(sandbox: &Sandbox, run: &str, other: &str) {
    assert!(
        sandbox.last(run) == sandbox.last(other),
        "tensors of {run} and {other} differ"
    );
    assert_eq!(losses(sandbox, run), losses(sandbox, other));
    let best = |run: &str| fs::read_link(sandbox.path(run).join("checkpoints/best")).unwrap();
    assert_eq!(best(run), best(other));
    assert!(sandbox.checkpoint(run, "best") == sandbox.checkpoint(other, "best"));
}

/// No update is missing from `metrics.jsonl`, and none is there twice.
fn assert_complete(sandbox: &Sandbox, run: &str, last: u64) {
    assert_eq!(steps(sandbox, run, "train"), (1..=last).collect::<Vec<_>>());
    let valid = steps(sandbox, run, "valid");
    assert!(valid.is_sorted_by(|a, b| a < b), "{valid:?}");
}
