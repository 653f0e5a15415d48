//! The configs of tasks other than translation: each trains; and what `evaluate` says of words with
//! several right answers.

#[path = "support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{RUN, Sandbox};

/// Small sizes and few updates; the corpus and all else are the config's own.
const SMALL: [&str; 11] = [
    "model.embedding_size=16",
    "model.hidden_size=32",
    "train.backend=cpu",
    "train.batch_size=16",
    "train.log_every=1",
    "optimizer.learning_rate=1e-2",
    "schedule.kind=constant",
    "schedule.warmup_steps=0",
    "valid.max_sentences=8",
    "data.prefetch=1",
    "search.beam=1",
];

const PHONES: &str = "CAT\tK AE T\nDOG\tD AO G\nREAD\tR EH D\nREAD\tR IY D\nBAT\tB AE T\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Trains 20 updates by a config of the project; the loss must fall.
fn falls(sandbox: &Sandbox, name: &str, more: &[&str]) {
    let config = root().join("configs").join(format!("{name}.toml"));
    let mut arguments = vec!["--config", config.to_str().unwrap(), "--run-dir", RUN];
    arguments.extend(["--max-steps", "20"]);
    let test = format!("data.test=builtin:{name}:valid");
    for setting in SMALL
        .iter()
        .copied()
        .chain([test.as_str()])
        .chain(more.iter().copied())
    {
        arguments.extend(["--set", setting]);
    }
    sandbox.run(&arguments).assert_done();
    let records = sandbox.metrics(RUN);
    let losses: Vec<f64> = records
        .iter()
        .filter(|record| record["kind"] == "train")
        .map(|record| record["loss"].as_f64().unwrap())
        .collect();
    assert_eq!(losses.len(), 20, "{records:?}");
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    let (first, last) = (mean(&losses[..3]), mean(&losses[17..]));
    assert!(last < 0.98 * first, "{name}: {losses:?}");
}

#[test]
fn numbers_are_reversed() {
    falls(
        &Sandbox::new(),
        "reverse",
        &["data.train=builtin:reverse:valid"],
    );
}

#[test]
fn without_attention_too() {
    let settings = [
        "data.train=builtin:reverse-20:valid",
        "model.attention.kind=none",
    ];
    falls(&Sandbox::new(), "reverse", &settings);
}

#[test]
fn dates_are_written_by_iso_8601() {
    falls(
        &Sandbox::new(),
        "dates",
        &["data.train=builtin:dates:valid"],
    );
}

#[test]
fn greek_is_written_in_latin_letters() {
    let settings = ["data.train=builtin:transliteration:valid"];
    falls(&Sandbox::new(), "transliteration", &settings);
}

#[test]
fn words_are_inflected() {
    falls(
        &Sandbox::new(),
        "inflection",
        &["data.train=builtin:inflection:valid"],
    );
}

#[test]
fn rows_of_digits_are_read() {
    falls(
        &Sandbox::new(),
        "digits",
        &[
            "data.train=builtin:digits:valid",
            "model.encoder.channels=4",
        ],
    );
}

#[test]
fn words_are_pronounced() {
    let sandbox = Sandbox::new();
    sandbox.write("phones.tsv", PHONES.repeat(8));
    let settings = [
        "data.train=phones.tsv",
        "data.valid=phones.tsv",
        "data.test=phones.tsv",
        "valid.criterion=exact",
        "valid.max_sentences=0",
    ];
    falls(&sandbox, "g2p", &settings);
    let records = sandbox.metrics(RUN);
    let valid = records.iter().find(|record| record["kind"] == "valid");
    let exact = valid.unwrap()["exact"].as_f64().unwrap();
    let evaluate = ["evaluate", "--run", RUN, "--data", "phones.tsv"];
    let scores = sandbox.run(&[&evaluate[..], &["--json"]].concat()).json();
    assert_eq!(
        (&scores["sentences"], &scores["words"]),
        (&40.into(), &4.into())
    );
    let rate = scores["word_error_rate"].as_f64().unwrap();
    assert!([0.0, 0.25, 0.5, 0.75, 1.0].contains(&rate), "{scores}");
    assert_eq!(
        exact,
        1.0 - rate,
        "validation and evaluation are of the same pairs"
    );
    let said = format!("word error rate {:.2}% of 4 words", 100.0 * rate);
    let plain = sandbox.run(&evaluate);
    plain.assert_done();
    assert!(plain.out.contains(&said), "{plain:#?}");
}

#[test]
fn where_each_source_is_there_once_no_word_error_rate_is_given() {
    let sandbox = Sandbox::trained();
    let evaluate = ["evaluate", "--run", RUN, "--data", "train.tsv"];
    let plain = sandbox.run(&evaluate);
    plain.assert_done();
    assert!(!plain.out.contains("word error"), "{plain:#?}");
    let scores: Value = sandbox.run(&[&evaluate[..], &["--json"]].concat()).json();
    assert_eq!(scores.get("word_error_rate"), None);
}

/// The script that divides the dictionary needs a shell.
#[cfg(unix)]
#[test]
fn a_dictionary_is_divided_by_its_words() {
    use std::collections::BTreeSet;
    use std::process::Command;

    let sandbox = Sandbox::new();
    let mut lines = ";;; a comment\nAARON  EH1 R AH0 N\nAARON(1)  AA1 R AH0 N\n".to_owned();
    for word in 0..400 {
        lines += &format!(
            "w{word:03} T AH{} # a place\nw{word:03}(2) T UW1\n",
            word % 3
        );
    }
    sandbox.write("dictionary", &lines);
    let script = root().join("scripts/fetch-cmudict.sh");
    let done = Command::new("sh")
        .arg(script)
        .args([sandbox.path("dictionary"), sandbox.path("out")])
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    let parts: Vec<String> = ["train", "dev", "test"]
        .map(|part| sandbox.text(format!("out/{part}.tsv")))
        .into();
    let words: Vec<BTreeSet<&str>> = parts
        .iter()
        .map(|part| {
            part.lines()
                .map(|line| line.split_once('\t').unwrap().0)
                .collect()
        })
        .collect();
    let sizes: Vec<usize> = words.iter().map(BTreeSet::len).collect();
    assert_eq!(sizes, [377, 4, 20]);
    let all: BTreeSet<&str> = words.iter().flatten().copied().collect();
    assert_eq!(all.len(), 401, "a word is in two files");
    let text = parts.concat();
    for line in [
        "AARON\tEH R AH N\n",
        "AARON\tAA R AH N\n",
        "W399\tT AH\n",
        "W399\tT UW\n",
    ] {
        assert!(text.contains(line), "{line}");
    }
    assert_eq!(text.lines().count(), 802);
}
