//! Packages: one folder to hand over.

use std::fs;
use std::path::Path;

use crate::support::{RUN, Sandbox};

const LINES: &str = "I see you .\nwe like tea .\n";

fn export(sandbox: &Sandbox, out: &str, more: &[&str]) {
    let command = ["export", "--run", RUN, "--format", "package", "--out", out];
    let outcome = sandbox.run(&[&command[..], more].concat());
    outcome.assert_done();
    assert!(outcome.err.contains(out), "{outcome:#?}");
}

fn translated(sandbox: &Sandbox, run: &str) -> String {
    let outcome = sandbox.pipe(&["translate", "--run", run], LINES);
    outcome.assert_done();
    outcome.out
}

/// Copies the files of a folder of folders, links followed: what `zip` and `tar -h` leave of it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            true => copy(&path, &place),
            false => drop(fs::copy(&path, &place).unwrap()),
        }
    }
}

#[test]
fn a_package_is_used_like_a_run() {
    let sandbox = Sandbox::trained();
    let wanted = translated(&sandbox, RUN);
    export(
        &sandbox,
        "handed",
        &["--license", "mit", "--languages", "en,zh"],
    );
    export(&sandbox, "handed.tar.zst", &[]);
    let names = [
        "README.md",
        "config.json",
        "model.safetensors",
        "tokenizer.source.json",
        "tokenizer.target.json",
    ];
    let mut found: Vec<String> = fs::read_dir(sandbox.path("handed"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert_eq!(found, names);
    fs::remove_dir_all(sandbox.path(RUN)).unwrap();
    copy(&sandbox.path("handed"), &sandbox.path("elsewhere/copy"));
    for run in ["handed", "elsewhere/copy", "handed.tar.zst"] {
        assert_eq!(translated(&sandbox, run), wanted, "{run}");
    }
    for command in ["evaluate", "score"] {
        let data = ["--data", "valid.tsv"];
        let arguments = [&[command, "--run", "handed"][..], &data].concat();
        sandbox.run(&arguments).assert_done();
    }
    // What was handed over can be handed on.
    let again = [
        "export", "--run", "handed", "--format", "package", "--out", "again",
    ];
    sandbox.run(&again).assert_done();
    for name in [
        "model.safetensors",
        "tokenizer.source.json",
        "tokenizer.target.json",
    ] {
        let [first, second] =
            ["handed", "again"].map(|folder| sandbox.bytes(format!("{folder}/{name}")));
        assert!(first == second, "{name}");
    }
    let config: serde_json::Value =
        serde_json::from_str(&sandbox.text("again/config.json")).unwrap();
    assert_eq!(config["license"], "mit");
    assert_eq!(config["languages"], serde_json::json!(["en", "zh"]));
}

#[test]
fn a_changed_byte_is_noticed() {
    let sandbox = Sandbox::trained();
    export(&sandbox, "handed", &[]);
    let run = ["translate", "--run", "handed"];
    for name in [
        "config.json",
        "model.safetensors",
        "tokenizer.source.json",
        "tokenizer.target.json",
    ] {
        let path = format!("handed/{name}");
        let whole = sandbox.bytes(&path);
        for place in [0, whole.len() / 3, whole.len() / 2, whole.len() - 2] {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            sandbox.write(&path, &changed);
            let outcome = sandbox.pipe(&run, LINES);
            outcome.assert_error(2, &["handed"]);
        }
        sandbox.write(&path, &whole[..whole.len() / 2]);
        sandbox.pipe(&run, LINES).assert_error(2, &["handed"]);
        fs::remove_file(sandbox.path(&path)).unwrap();
        sandbox.pipe(&run, LINES).assert_error(2, &["handed"]);
        sandbox.write(&path, &whole);
    }
    // Anyone may write more into a card.
    sandbox.write(
        "handed/README.md",
        sandbox.text("handed/README.md") + "More.\n",
    );
    let outcome = sandbox.pipe(&run, LINES);
    outcome.assert_done();
    assert!(outcome.err.contains("README.md"), "{outcome:#?}");
}

#[test]
fn integers_take_a_quarter_and_translate() {
    let sandbox = Sandbox::trained();
    export(&sandbox, "whole", &[]);
    export(&sandbox, "small", &["--precision", "int8"]);
    let [whole, small] =
        ["whole", "small"].map(|folder| sandbox.bytes(format!("{folder}/model.safetensors")).len());
    assert!(small < whole, "{small} of {whole} bytes");
    let lines = |run, precision| {
        let outcome = sandbox.pipe(
            &["translate", "--run", run, "--precision", precision],
            LINES,
        );
        outcome.assert_done();
        outcome.out
    };
    assert_eq!(lines("small", "int8"), lines(RUN, "int8"));
    assert_eq!(lines("small", "f32").lines().count(), 2);
}

#[test]
fn a_card_says_what_the_model_is() {
    let sandbox = Sandbox::trained();
    let mut report: serde_json::Value =
        serde_json::from_str(&sandbox.text("run/report.json")).unwrap();
    report["test"] = serde_json::json!({
        "bleu": 31.25,
        "chrf": 40.5,
        "signature": "nrefs:1|case:mixed|eff:no|tok:zh|smooth:exp|version:2.6.0",
        "sentences": 4,
        "exact_match": 0.25,
    });
    sandbox.write("run/report.json", report.to_string());
    export(
        &sandbox,
        "handed",
        &["--license", "cc-by-4.0", "--languages", "en,zh"],
    );
    let card = sandbox.text("handed/README.md");
    let (header, text) = card
        .strip_prefix("---\n")
        .unwrap()
        .split_once("---\n")
        .unwrap();
    for line in [
        "language:\n- \"en\"\n- \"zh\"\n",
        "license: \"cc-by-4.0\"\n",
        "library_name: \"attune\"\n",
        "pipeline_tag: translation\n",
        "model-index:\n",
        "    - type: bleu\n",
        "      value: 31.25\n      name: \"BLEU nrefs:1|case:mixed|eff:no|tok:zh|",
    ] {
        assert!(header.contains(line), "{line:?} is not in\n{header}");
    }
    assert!(text.contains("| 4 | 31.25 | 40.50 | 25.0% |"), "{text}");
    let settings = text
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    sandbox.write("again.toml", settings);
    let outcome = sandbox.run(&["config", "--config", "again.toml"]);
    outcome.assert_done();
    assert!(outcome.out.contains("sound"), "{outcome:#?}");
}

#[test]
fn what_cannot_be_a_package_is_refused() {
    let sandbox = Sandbox::trained();
    export(&sandbox, "handed", &[]);
    let out = [
        "export", "--run", RUN, "--format", "package", "--out", "handed",
    ];
    sandbox
        .run(&out)
        .assert_refused(&["handed", "there already"]);
    let layout = [
        "export", "--run", RUN, "--format", "package", "--layout", "greedy", "--out", "x",
    ];
    sandbox.run(&layout).assert_refused(&["--layout", "onnx"]);
    let other = ["translate", "--run", "handed", "--checkpoint", "7"];
    sandbox
        .pipe(&other, LINES)
        .assert_error(2, &["7", "handed"]);
    sandbox.write("text.tar.zst", "no archive");
    let file = ["translate", "--run", "text.tar.zst"];
    sandbox.pipe(&file, LINES).assert_error(2, &["no package"]);
}
