//! Runs with signals of every kind.

use super::*;

/// All that goes with the cross-entropy.
const ALL: [&str; 20] = [
    "--set",
    "train.teacher_forcing.kind=inverse-sigmoid",
    "--set",
    "train.teacher_forcing.k=8",
    "--set",
    "train.teacher_forcing.guess=sample",
    "--set",
    "train.word_dropout.source=0.1",
    "--set",
    "train.word_dropout.target=0.1",
    "--set",
    "data.alignments=links",
    "--set",
    "train.guided_alignment.weight=0.5",
    "--set",
    "train.guided_alignment.decay=0.7",
    "--set",
    "train.accumulate=2",
    "--set",
    "data.prefetch=2",
];

/// Minimum-risk training, with some cross-entropy under every one of its signals.
const RISK: [&str; 12] = [
    "--set",
    "train.objective=minimum-risk",
    "--set",
    "train.start_from=taught",
    "--set",
    "train.minimum_risk.samples=4",
    "--set",
    "train.minimum_risk.mix=0.3",
    "--set",
    "train.minimum_risk.alpha=0.05",
    "--set",
    "train.max_epochs=1",
];

/// A sandbox with links for its corpus.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("links", "0-0 2-0\n".repeat(40));
    sandbox
}

#[test]
fn signals_repeat_and_go_on_where_they_stopped() {
    let sandbox = sandbox();
    sandbox.train_in("one", &ALL);
    sandbox.train_in("two", &[&ALL[..], &["--set", "data.prefetch=0"]].concat());
    assert_same(&sandbox, "one", "two");
    for stop in ["4", "7", "15"] {
        let run = format!("stopped-at-{stop}");
        sandbox.train_in(&run, &[&ALL[..], &["--max-steps", stop]].concat());
        sandbox.train_in(&run, &[&ALL[..], &["--resume"]].concat());
        assert_same(&sandbox, "one", &run);
    }
    sandbox.train_in("plain", &["--set", "train.accumulate=2"]);
    assert_ne!(losses(&sandbox, "one"), losses(&sandbox, "plain"));
}

#[test]
fn minimum_risk_repeats_and_goes_on_where_it_stopped() {
    let sandbox = sandbox();
    sandbox.train_in("taught", &[]);
    sandbox.train_in("one", &RISK);
    sandbox.train_in("two", &RISK);
    assert_same(&sandbox, "one", "two");
    assert_complete(&sandbox, "one", 10);
    sandbox.train_in("three", &[&RISK[..], &["--max-steps", "3"]].concat());
    // Once it is on its way, a run needs the other no more.
    fs::rename(sandbox.path("taught"), sandbox.path("elsewhere")).unwrap();
    sandbox.train_in("three", &[&RISK[..], &["--resume"]].concat());
    assert_same(&sandbox, "one", "three");
}

/// Coins, samples and links are the same however many threads there are.
#[test]
fn the_number_of_threads_does_not_matter() {
    let sandbox = sandbox();
    let with_threads = |run: &str, threads: &str, more: &[&str]| {
        let mut command = sandbox.training(run, more);
        support::finish(command.env("RAYON_NUM_THREADS", threads), b"").assert_done();
    };
    with_threads("taught", "1", &ALL);
    with_threads("other", "3", &ALL);
    assert_same(&sandbox, "taught", "other");
    with_threads("one", "1", &RISK);
    with_threads("two", "3", &RISK);
    assert_same(&sandbox, "one", "two");
}
