//! `attune bench`: what it prints, what it writes and what it refuses.

#[path = "../support/mod.rs"]
mod support;

mod training;
mod translation;

use safetensors::SafeTensors;
use serde_json::Value;
use support::Sandbox;

fn number(report: &Value, key: &str) -> f64 {
    let value = key.split('.').fold(report, |value, name| &value[name]);
    value.as_f64().unwrap_or_else(|| panic!("{key}: {report}"))
}

#[test]
fn wrong_arguments_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("empty.tsv", "");
    let refused = |arguments: &[&str], words: &[&str]| {
        let command = [&["bench", "train"], arguments].concat();
        sandbox.run(&command).assert_refused(words);
    };
    sandbox
        .run(&["bench", "translate"])
        .assert_refused(&["--run", "--config", "--workload"]);
    sandbox
        .run(&["bench", "translate", "--run", "x", "--config", "tiny.toml"])
        .assert_refused(&["cannot be used with"]);
    let yardstick = ["--workload", "yardstick"];
    refused(&[], &["--config", "--workload"]);
    refused(
        &[
            "--config",
            "tiny.toml",
            "--workload",
            "yardstick",
            "--data",
            "train.tsv",
        ],
        &["cannot be used with"],
    );
    refused(
        &["--config", "tiny.toml", "--emb", "8"],
        &["--emb", "cannot be used with"],
    );
    refused(&["--config", "missing.toml"], &["missing.toml"]);
    refused(&yardstick, &["--data"]);
    refused(
        &[&yardstick[..], &["--data", "missing.tsv"]].concat(),
        &["missing.tsv"],
    );
    refused(
        &[&yardstick[..], &["--data", "empty.tsv"]].concat(),
        &["empty.tsv", "empty"],
    );
    let tiny = [&yardstick[..], &["--data", "train.tsv"]].concat();
    refused(&tiny, &["40 pairs", "64", "--batch"]);
    refused(
        &[&tiny[..], &["--batch", "4", "--hidden", "7"]].concat(),
        &["even"],
    );
    refused(
        &[&tiny[..], &["--batch", "4", "--dropout", "1"]].concat(),
        &["dropout"],
    );
    refused(
        &[&tiny[..], &["--batch", "4", "--src-vocab", "4"]].concat(),
        &["--src-vocab"],
    );
    refused(
        &[&tiny[..], &["--batch", "4", "--steps", "0"]].concat(),
        &["--steps"],
    );
    refused(
        &[&tiny[..], &["--batch", "4", "--attention", "local"]].concat(),
        &["--attention", "bahdanau"],
    );
    refused(
        &[
            &tiny[..],
            &["--batch", "4", "--write-inputs", "empty.tsv/x"],
        ]
        .concat(),
        &["empty.tsv/x"],
    );
    sandbox.run(&["bench"]).assert_refused(&["train"]);
}
