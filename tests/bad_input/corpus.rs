//! Corpora.

use super::*;

#[test]
fn a_missing_file_is_named() {
    let sandbox = Sandbox::new();
    for key in ["train", "valid", "test", "unseen"] {
        refused(
            &sandbox,
            &["--set", &format!("data.{key}=none.tsv")],
            &["none.tsv: no such file"],
        );
    }
    let words = ["builtin:en-zh:trian", "builtin:en-zh:train"];
    refused(
        &sandbox,
        &["--set", "data.train=builtin:en-zh:trian"],
        &words,
    );
}

#[test]
fn an_empty_file_is_named() {
    corpus_refused(b"", &["other.tsv", "the corpus is empty"]);
    corpus_refused(
        b"\n \t \n",
        &["other.tsv", "the corpus is empty", "2 pairs"],
    );
}

#[test]
fn a_one_sided_pair_is_named_with_its_line() {
    let mut text = tsv(&pairs());
    text += "hello\t\n";
    corpus_refused(text.as_bytes(), &["other.tsv:41:", "one-sided", "target"]);
    corpus_refused(b"a\tb\nhello\n", &["other.tsv:2:", "one-sided", "no tab"]);
}

#[test]
fn bytes_that_are_not_utf8_are_named_with_their_line() {
    let mut bytes = tsv(&pairs()).into_bytes();
    bytes.extend(b"caf\xe9 .\tx\n");
    corpus_refused(&bytes, &["other.tsv:41:", "not UTF-8", "0xE9"]);
}

#[test]
fn a_damaged_gzip_file_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("x.tsv.gz", b"\x1f\x8b\x08\x00no gzip at all");
    refused(
        &sandbox,
        &["--set", "data.train=x.tsv.gz"],
        &["x.tsv.gz:1:", "gzip"],
    );
}

#[test]
fn parallel_files_of_different_length_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("x.en", "one\ntwo\nthree\n");
    sandbox.write("x.zh", "一\n二\n");
    let set = "data.train={ source = \"x.en\", target = \"x.zh\" }";
    refused(
        &sandbox,
        &["--set", set],
        &["x.en has 3 lines", "x.zh has 2"],
    );
}

#[test]
fn a_corpus_of_which_nothing_is_left_says_what_was_dropped() {
    let words = ["train.tsv", "40 have more than 1 tokens", "data.max_length"];
    refused(&Sandbox::new(), &["--set", "data.max_length=1"], &words);
}

/// Ten million bytes without an end: dropped, counted, and no reason to stop.
#[test]
fn a_line_of_ten_megabytes_is_dropped_and_counted() {
    for huge in [
        "好".repeat(3_400_000) + "\t好",
        "a\t".to_owned() + &"b ".repeat(5_000_000),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("train.tsv", format!("{huge}\n{}", tsv(&pairs())));
        let outcome = sandbox.train(&["--max-steps", "2"]);
        let counted = "read 41 pairs from train.tsv: kept 40, dropped 1";
        assert!(outcome.err.contains(counted), "{outcome:#?}");
    }
}
