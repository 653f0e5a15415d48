//! Lists of corpora, with weights and tags.

use super::support::finish;
use super::*;

/// Two corpora: one seen twice an epoch, and half of another with a tag.
const LIST: &str = "data.train=[{ corpus = \"one.tsv\", weight = 2 }, { corpus = \"two.tsv\", weight = 0.5, tag = \"news\" }]";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let pairs = pairs();
    sandbox.write("one.tsv", tsv(&pairs[..10]));
    sandbox.write("two.tsv", tsv(&pairs[10..]));
    sandbox
}

#[test]
fn a_list_trains_alike_in_memory_on_disk_and_when_it_was_stopped() {
    let sandbox = sandbox();
    let more = |more: &[&'static str]| [&["--set", LIST][..], more].concat();
    let whole = sandbox.train_in("whole", &more(&[]));
    for said in [
        "read 40 pairs from one.tsv, two.tsv (tag news)",
        "read 10 pairs from one.tsv",
        "an epoch sees 35 pairs: 20 of 10 pairs of one.tsv, 15 of 30 pairs of two.tsv",
    ] {
        assert!(whole.err.contains(said), "{said}: {whole:#?}");
    }
    let disk = sandbox.train_in("disk", &more(&["--set", "data.cache=on"]));
    assert!(disk.err.contains("an epoch sees 35 pairs"), "{disk:#?}");
    assert_same(&sandbox, "whole", "disk");
    sandbox.train_in("stopped", &more(&["--max-steps", "7"]));
    sandbox.train_in("stopped", &more(&["--resume", "--set", "data.cache=on"]));
    assert_same(&sandbox, "whole", "stopped");
    // Other weights use the same ids.
    let other = LIST.replace("weight = 2", "weight = 3");
    let cached = [
        "--set",
        &other,
        "--set",
        "data.cache=on",
        "--max-steps",
        "2",
    ];
    let outcome = sandbox.train_in("other", &cached);
    assert!(!outcome.err.contains("become ids"), "{outcome:#?}");
    // But no run changes them on its way.
    let resumed = ["--resume", "--set", &other];
    let refused = finish(&mut sandbox.training("stopped", &resumed), b"");
    refused.assert_refused(&["`data.train` was [{ corpus = \"one.tsv\", weight = 2.0 }"]);
    let untagged = LIST.replace(", tag = \"news\"", "");
    let resumed = ["--resume", "--set", &untagged];
    let refused = finish(&mut sandbox.training("stopped", &resumed), b"");
    refused.assert_refused(&["`data.train`", "it held"]);
    // A tag is a token that a line may have.
    let translated = sandbox.pipe(&["translate", "--run", "whole"], "I eat rice .\tnews\n");
    translated.assert_done();
    assert!(!translated.err.contains("unknown"), "{translated:#?}");
}

#[test]
fn a_corpus_that_comes_through_a_pipe_is_kept() {
    let sandbox = sandbox();
    sandbox.train_in("file", &[]);
    let text = sandbox.bytes("train.tsv");
    let piped = |run: &str, more: &[&str], input: &[u8]| {
        let more = [&["--set", "data.train=-"], more].concat();
        finish(&mut sandbox.training(run, &more), input)
    };
    let outcome = piped("pipe", &["--max-steps", "5"], &text);
    outcome.assert_done();
    assert!(
        outcome.err.contains("what came from `-` is kept in"),
        "{outcome:#?}"
    );
    let outcome = piped("pipe", &["--resume"], b"");
    outcome.assert_done();
    assert!(outcome.err.contains("is not read again"), "{outcome:#?}");
    assert_same(&sandbox, "file", "pipe");
    let outcome = piped("empty", &[], b"");
    outcome.assert_refused(&["the corpus is empty"]);
    let valid = ["--set", "data.valid=-"];
    finish(&mut sandbox.training("valid", &valid), &text).assert_refused(&["standard input"]);
}
