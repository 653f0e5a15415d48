//! Equal runs.

use super::*;

#[test]
fn two_equal_runs_give_the_same_bytes() {
    let sandbox = Sandbox::new();
    sandbox.train_in("one", &[]);
    sandbox.train_in("two", &[]);
    assert_same(&sandbox, "one", "two");
    assert_complete(&sandbox, "one", 40);
    for name in [
        "config.toml",
        "tokenizer.source.json",
        "tokenizer.target.json",
    ] {
        let of = |run: &str| sandbox.bytes(format!("{run}/{name}"));
        assert_eq!(of("one"), of("two"), "{name}");
    }
    let export = |run: &str| {
        let name = format!("{run}.safetensors");
        let arguments = [
            "export",
            "--run",
            run,
            "--format",
            "safetensors",
            "--out",
            &name,
        ];
        sandbox.run(&arguments).assert_done();
        sandbox.bytes(&name)
    };
    assert!(export("one") == export("two"));
}

#[test]
fn every_kind_of_batch_and_model_repeats() {
    for more in [
        &[
            "--set",
            "train.batch_unit=tokens",
            "--set",
            "train.batch_size=40",
        ][..],
        &[
            "--set",
            "model.encoder.kind=gru",
            "--set",
            "model.decoder.kind=rnn",
        ],
        &[
            "--set",
            "model.attention.kind=luong-general",
            "--set",
            "model.decoder.layers=2",
        ],
        &["--set", "optimizer.kind=sgd", "--set", "data.prefetch=0"],
        &["--set", "model.dropout_kind=variational"],
    ] {
        let sandbox = Sandbox::new();
        let short = [more, &["--max-steps", "12"]].concat();
        sandbox.train_in("one", &short);
        sandbox.train_in("two", &short);
        assert_same(&sandbox, "one", "two");
        sandbox.train_in("three", &[more, &["--max-steps", "7"]].concat());
        sandbox.train_in("three", &[&short[..], &["--resume"]].concat());
        assert_same(&sandbox, "one", "three");
    }
}

#[test]
fn another_seed_gives_other_bytes() {
    let sandbox = Sandbox::new();
    sandbox.train_in("one", &["--max-steps", "3"]);
    sandbox.train_in("two", &["--max-steps", "3", "--set", "seed=8"]);
    let [one, two] = ["one", "two"].map(|run| sandbox.last(run));
    assert!(one[0] != two[0] && one[1] != two[1]);
    assert_ne!(losses(&sandbox, "one"), losses(&sandbox, "two"));
}

/// How often somebody looks, saves or logs, and how far batches are made ahead, is no part of
/// learning.
#[test]
fn watching_changes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.train_in("one", &[]);
    let watched = [
        "--set",
        "valid.every_steps=3",
        "--set",
        "checkpoint.every_steps=5",
        "--set",
        "train.log_every=7",
        "--set",
        "data.prefetch=1",
        "--set",
        "valid.samples=0",
    ];
    sandbox.train_in("two", &watched);
    assert!(sandbox.last("one") == sandbox.last("two"));
}
