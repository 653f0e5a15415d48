//! Several batches to an update.

use super::*;

#[test]
fn accumulated_updates_repeat() {
    let sandbox = Sandbox::new();
    // Ten batches an epoch by threes: the last update of an epoch has one batch.
    let three = ["--set", "train.accumulate=3"];
    sandbox.train_in("one", &three);
    sandbox.train_in("two", &three);
    assert_same(&sandbox, "one", "two");
    assert_complete(&sandbox, "one", 16);
    for stop in ["4", "6", "9"] {
        let run = format!("stopped-at-{stop}");
        sandbox.train_in(&run, &[&three[..], &["--max-steps", stop]].concat());
        sandbox.train_in(&run, &[&three[..], &["--resume"]].concat());
        assert_same(&sandbox, "one", &run);
    }
}

/// Eight pairs of different lengths are an epoch: one batch of eight, or two of four. Without
/// dropout both make the same updates but for rounding.
#[test]
fn two_small_batches_are_one_large_one() {
    let sandbox = Sandbox::new();
    let some: Vec<_> = pairs().into_iter().step_by(5).collect();
    assert_eq!(some.len(), 8);
    sandbox.write("train.tsv", tsv(&some));
    let plain = ["--set", "model.dropout=0", "--set", "train.max_epochs=12"];
    let large = ["--set", "train.batch_size=8"];
    let small = ["--set", "train.batch_size=4", "--set", "train.accumulate=2"];
    sandbox.train_in("large", &[&plain[..], &large].concat());
    sandbox.train_in("small", &[&plain[..], &small].concat());
    let [large, small] = ["large", "small"].map(|run| losses(&sandbox, run));
    assert_eq!(large.len(), 12);
    assert!(large[11] < 0.9 * large[0], "nothing was learned: {large:?}");
    for (large, small) in large.iter().zip(&small) {
        assert!((large - small).abs() <= 1e-5 * large, "{large} and {small}");
    }
    assert_eq!(large.len(), small.len());
}

/// Parts of a batch give the same update as the whole, but for rounding, and the same in every run.
#[test]
fn a_batch_in_parts_is_the_same_update() {
    let sandbox = Sandbox::new();
    let more =
        |parts: &[&'static str]| [&["--set", "train.word_dropout.source=0.2"][..], parts].concat();
    sandbox.train_in("whole", &more(&[]));
    let parts = more(&["--set", "train.split_above=12"]);
    sandbox.train_in("parts", &parts);
    let (whole, split) = (losses(&sandbox, "whole"), losses(&sandbox, "parts"));
    assert_eq!(whole.len(), split.len());
    for (one, other) in whole.iter().zip(&split) {
        assert!((one - other).abs() <= 1e-4 * one, "{one} {other}");
    }
    assert!(whole != split);
    sandbox.train_in("stopped", &[&parts[..], &["--max-steps", "5"]].concat());
    sandbox.train_in("stopped", &[&parts[..], &["--resume"]].concat());
    assert_same(&sandbox, "parts", "stopped");
}

/// What passes take is measured where the system tells.
#[cfg(target_os = "linux")]
#[test]
fn a_batch_is_as_large_as_the_memory_lets_it_be() {
    let sandbox = Sandbox::new();
    let auto = [
        "--set",
        "train.batch_size=auto",
        "--set",
        "train.batch_unit=tokens",
    ];
    let outcome = sandbox.train_in("auto", &auto);
    assert!(
        outcome.err.contains("and the budget is 2048 MB"),
        "{outcome:#?}"
    );
    let text = sandbox.text("auto/config.toml");
    let size = text
        .lines()
        .find_map(|line| line.strip_prefix("batch_size = "));
    assert!(size.unwrap().parse::<usize>().unwrap() > 1_000, "{text}");
    // A run that goes on has what it was begun with.
    let resumed = sandbox.train_in(
        "auto",
        &[&auto[..], &["--resume", "--set", "train.max_epochs=30"]].concat(),
    );
    assert!(!resumed.err.contains("budget"), "{resumed:#?}");
    let budget = [
        "--set",
        "train.memory_budget=1",
        "--set",
        "train.batch_size=4000",
    ];
    let outcome = sandbox.train_in("budget", &budget);
    assert!(
        outcome
            .err
            .contains("are worked on in parts, as one update"),
        "{outcome:#?}"
    );
    assert!(
        sandbox
            .text("budget/config.toml")
            .contains("split_above = ")
    );
}
