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
