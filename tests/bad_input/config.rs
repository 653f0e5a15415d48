//! Config files and arguments.

use super::*;

/// Trains with the tiny config after a change; must be refused.
fn changed(from: &str, to: &str, words: &[&str]) {
    let sandbox = Sandbox::new();
    assert!(CONFIG.contains(from));
    sandbox.write("tiny.toml", CONFIG.replacen(from, to, 1));
    refused(&sandbox, &[], words);
}

fn line_of(text: &str) -> String {
    let place = CONFIG
        .lines()
        .position(|line| line.starts_with(text))
        .unwrap();
    format!("tiny.toml:{}:", place + 1)
}

#[test]
fn a_misspelt_key_is_named_with_its_line_and_the_nearest_key() {
    let line = line_of("hidden_size");
    changed(
        "hidden_size",
        "hiden_size",
        &[&line, "`model.hiden_size`", "did you mean `hidden_size`"],
    );
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_keys_there_are() {
    let line = line_of("dropout");
    changed(
        "dropout = 0.1",
        "colour = 1",
        &[&line, "unknown key `model.colour`", "embedding_size"],
    );
}

#[test]
fn a_misspelt_table_is_named_with_the_nearest_table() {
    let line = line_of("[optimizer]");
    changed(
        "[optimizer]",
        "[optimiser]",
        &[&line, "`optimiser`", "`optimizer`"],
    );
}

#[test]
fn a_wrong_type_says_what_is_expected() {
    let line = line_of("hidden_size");
    changed(
        "hidden_size = 12",
        "hidden_size = \"12\"",
        &[&line, "`model.hidden_size`", "expected", "\"12\""],
    );
}

#[test]
fn a_value_out_of_range_says_the_range() {
    let line = line_of("dropout");
    changed(
        "dropout = 0.1",
        "dropout = 1.5",
        &[&line, "`model.dropout` is 1.5", "below 1"],
    );
}

#[test]
fn an_unknown_kind_lists_the_kinds() {
    let line = line_of("kind = \"char\"");
    changed(
        "kind = \"char\"",
        "kind = \"chars\"",
        &[&line, "\"chars\"", "did you mean \"char\"", "\"bpe\""],
    );
}

#[test]
fn text_that_is_not_toml_is_named_with_its_line() {
    let line = line_of("batch_size");
    changed(
        "batch_size = 4",
        "batch_size = = 4",
        &[&line, "not valid TOML"],
    );
}

#[test]
fn settings_that_cannot_be_combined_say_why() {
    let sandbox = Sandbox::new();
    let cannot = "cannot be combined";
    let dot = [
        "--set",
        "model.attention.kind=luong-dot",
        "--set",
        "model.encoder.hidden_size=10",
    ];
    refused(&sandbox, &dot, &[cannot, "luong-dot", "10", "12"]);
    let decoder = ["--set", "model.decoder.bidirectional=true"];
    refused(&sandbox, &decoder, &[cannot, "decoder"]);
}

#[test]
fn keys_of_another_attention_say_whose_they_are() {
    let sandbox = Sandbox::new();
    let cases: [(&[&str], &[&str]); 10] = [
        (&["window=3"], &["`model.attention.window`", "local-p"]),
        (&["heads=3"], &["`model.attention.heads`", "multi-head"]),
        (
            &["single_vector=true"],
            &["`model.attention.single_vector`", "time-dense"],
        ),
        (
            &["max_source_length=9"],
            &["`model.attention.max_source_length`", "tanh-pool"],
        ),
        (
            &["kind=scaled-dot", "coverage=true"],
            &["`model.attention.coverage`", "luong-concat"],
        ),
        (
            &["kind=tanh-pool", "query=after"],
            &["`model.attention.query`", "time-dense"],
        ),
        (
            &["kind=multi-head", "heads=5"],
            &["`model.attention.heads` is 5", "divisor", "12"],
        ),
        (
            &["kind=local-m", "window=0"],
            &["`model.attention.window` is 0", "from 1"],
        ),
        (
            &["kind=time-dense", "max_source_length=0"],
            &["`model.attention.max_source_length` is 0", "from 1"],
        ),
        (&["kind=self"], &["\"self\"", "scaled-dot"]),
    ];
    for (settings, words) in cases {
        let keys = settings
            .iter()
            .map(|pair| format!("model.attention.{pair}"));
        let set: Vec<String> = keys.flat_map(|pair| ["--set".into(), pair]).collect();
        let set: Vec<&str> = set.iter().map(String::as_str).collect();
        refused(&sandbox, &set, words);
    }
    for kind in ["none", "time-dense", "tanh-pool"] {
        let kind = format!("model.attention.kind={kind}");
        let set = ["--set", "train.coverage_loss=0.5", "--set", &kind];
        refused(&sandbox, &set, &["`train.coverage_loss`", "bahdanau"]);
    }
}

#[test]
fn an_unknown_key_of_the_command_line_is_named() {
    let sandbox = Sandbox::new();
    let words = ["--set train.bach_size=4", "did you mean `batch_size`"];
    refused(&sandbox, &["--set", "train.bach_size=4"], &words);
    refused(
        &sandbox,
        &["--set", "train.batch_size"],
        &["--set train.batch_size", "there is no `=`"],
    );
}

#[test]
fn a_missing_config_is_asked_for() {
    let sandbox = Sandbox::new();
    let before = sandbox.snapshot();
    sandbox.run::<&str>(&[]).assert_refused(&["--config"]);
    sandbox.run(&["train"]).assert_refused(&["--config"]);
    let outcome = sandbox.run(&["--config", "tinny.toml"]);
    outcome.assert_refused(&["tinny.toml: no such file", "did you mean `tiny.toml`"]);
    sandbox
        .run(&["--config", "."])
        .assert_refused(&["this is a folder"]);
    assert_unchanged(&sandbox, &before);
}

#[test]
fn arguments_that_exclude_each_other_are_refused() {
    refused(
        &Sandbox::new(),
        &["--resume", "--overwrite"],
        &["--resume", "--overwrite"],
    );
    refused(
        &Sandbox::new(),
        &["--max-steps", "many"],
        &["--max-steps", "many"],
    );
}
