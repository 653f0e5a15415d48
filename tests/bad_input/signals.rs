//! Links, runs to begin with, and objectives.

use super::*;

const GUIDED: [&str; 4] = [
    "--set",
    "data.alignments=links",
    "--set",
    "train.guided_alignment.weight=1",
];

fn links_refused(links: &str, words: &[&str]) {
    let sandbox = Sandbox::new();
    sandbox.write("links", links);
    refused(&sandbox, &GUIDED, words);
}

#[test]
fn wrong_links_are_named_with_their_line() {
    refused(&Sandbox::new(), &GUIDED, &["links: no such file"]);
    let others = "0-0\n".repeat(37);
    links_refused(
        &format!("0-0\n\n0-0 1:2\n{others}"),
        &["links:3: `1:2` is no link", "fast_align"],
    );
    links_refused(
        &format!("0-0\n\n0-0 4-0\n{others}"),
        &["links:3: the link `4-0` names source word 4", "has 4"],
    );
    links_refused(
        &format!("0-0\n\n0-0 3-1\n{others}"),
        &["links:3: the link `3-1` names target word 1", "has 1"],
    );
    links_refused(
        &others,
        &[
            "links: 37 lines",
            "the last pair of train.tsv is in line 40",
        ],
    );
    links_refused(&format!("{others}{others}"), &["links: 74 lines"]);
}

#[test]
fn built_in_links_are_those_of_one_corpus() {
    let guided = |links: &str, words: &[&str]| {
        let links = format!("data.alignments={links}");
        let arguments = ["--set", &links, GUIDED[2], GUIDED[3]];
        refused(&Sandbox::new(), &arguments, words);
    };
    guided(
        "builtin:en-zh:train",
        &["`data.alignments`", "its own pairs", "`data.train`"],
    );
    guided("builtin:dates:train", &["builtin:reverse:train"]);
    guided(
        "builtin:en-zh:trian",
        &["`builtin:en-zh:trian`", "builtin:en-zh:train"],
    );
}

#[test]
fn links_need_attention_and_attention_needs_links() {
    let sandbox = Sandbox::new();
    sandbox.write("links", "0-0\n".repeat(40));
    for kind in ["none", "time-dense", "tanh-pool"] {
        let kind_of = format!("model.attention.kind={kind}");
        refused(
            &sandbox,
            &[&GUIDED[..], &["--set", &kind_of]].concat(),
            &["train.guided_alignment.weight", kind],
        );
    }
    refused(
        &sandbox,
        &GUIDED[2..],
        &["data.alignments", "[train.guided_alignment]", "fast_align"],
    );
}

#[test]
fn a_run_begins_with_a_run_that_fits() {
    let sandbox = Sandbox::trained();
    let start = |more: &[&str]| {
        let mut arguments = vec!["--run-dir", "new", "--config", "tiny.toml"];
        arguments.extend(more);
        let before = sandbox.snapshot();
        let outcome = sandbox.run(&arguments);
        assert_unchanged(&sandbox, &before);
        outcome
    };
    for (set, words) in [
        ("train.start_from=none", &["`none`", "no run folder"][..]),
        ("train.start_from=new", &["`new`", "no run folder"]),
        ("train.start_from=", &["train.start_from"]),
    ] {
        start(&["--set", set]).assert_refused(words);
    }
    let from = ["--set", "train.start_from=run"];
    for (set, words) in [
        (
            "model.hidden_size=14",
            &["another [model]", "config.toml"][..],
        ),
        ("tokenizer.source.vocab_size=9", &["another [tokenizer]"]),
        ("train.start_checkpoint=7", &["no checkpoint `7`", "40"]),
        (
            "train.start_checkpoint=bset",
            &["train.start_checkpoint", "best"],
        ),
    ] {
        start(&[&from[..], &["--set", set]].concat()).assert_refused(words);
    }
    refused(
        &sandbox,
        &[&from[..], &["--overwrite"]].concat(),
        &["cannot begin with itself", "--run-dir"],
    );
}

#[test]
fn risk_is_for_models_that_can_translate() {
    let sandbox = Sandbox::trained();
    let risk = ["--overwrite", "--set", "train.objective=minimum-risk"];
    refused(&sandbox, &risk, &["train.start_from", "cross-entropy"]);
    let risk = [&risk[..], &["--set", "train.start_from=run"]].concat();
    refused(
        &sandbox,
        &[&risk[..], &["--set", "train.word_dropout.target=0.1"]].concat(),
        &["train.word_dropout", "train.minimum_risk.mix"],
    );
    refused(
        &sandbox,
        &["--overwrite", "--set", "train.minimum_risk.samples=4"],
        &["train.minimum_risk.samples", "minimum-risk"],
    );
    let bench = [
        "bench",
        "train",
        "--config",
        "tiny.toml",
        "--steps",
        "2",
        "--set",
        "train.objective=minimum-risk",
        "--set",
        "train.start_from=run",
    ];
    sandbox
        .run(&bench)
        .assert_refused(&["benchmark", "cross-entropy"]);
}
