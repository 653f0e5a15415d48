//! Searches that cannot be.

use super::*;

#[test]
fn searches_that_cannot_be_are_refused() {
    let sandbox = Sandbox::trained();
    sandbox.write("one.txt", "我\n");
    sandbox.write("two.txt", "我\n你\n");
    sandbox.write("three.txt", "我\n你\n他\n");
    sandbox.write("unknown.txt", "我\n猫\n");
    sandbox.write("both.txt", "你好\n我吃\n");
    sandbox.write("part.txt", "\n吃\n");
    sandbox.write("bad.tsv", "rice\n");
    let before = sandbox.snapshot();
    for (more, words) in [
        (
            &["--set", "search.length_penalty=x"][..],
            &["`search.length_penalty`: expected a number"][..],
        ),
        (
            &["--set", "search.temperature=1"],
            &["`search.temperature` belongs to `method = \"sample\"`"],
        ),
        (
            &["--set", "search.method=sample", "--set", "search.top_p=0"],
            &["`search.top_p` is 0.0, but must be above 0 and at most 1"],
        ),
        (
            &["--set", "search.method=sampel"],
            &["did you mean \"sample\"?"],
        ),
        (
            &["--set", "search.min_length=501"],
            &["`search.min_length` is 501, but must be at most 500"],
        ),
        (
            &["--set", "model.dropout=0.1"],
            &["--set model.dropout=0.1", "[search]"],
        ),
        (
            &["--set", "search.method=diverse-beam", "--beam", "1"],
            &["search.beam", "must be 2 or more"],
        ),
        (
            &["--set", "search.method=diverse-beam", "--beam", "7"],
            &["`search.beam` must be a multiple of `search.groups`"],
        ),
        (
            &["--set", "search.method=mbr", "--beam", "7"],
            &["`--beam` is for", "this is \"mbr\""],
        ),
        (
            &["--set", "search.method=sample", "--must-contain", "two.txt"],
            &["cannot be combined", "must contain"],
        ),
        (&["--prefix", "none.txt"], &["no such file", "none.txt"]),
        (
            &["--prefix", "one.txt"],
            &["`one.txt` has 1 lines, but the input has more"],
        ),
        (
            &["--prefix", "one.txt", "--must-contain", "two.txt"],
            &["`one.txt` has 1 lines, `two.txt` has 2"],
        ),
        (
            &["--must-contain", "unknown.txt"],
            &["unknown.txt:2: ", "猫", "--must-contain"],
        ),
        (
            &[
                "--must-contain",
                "both.txt",
                "--must-not-contain",
                "part.txt",
            ],
            &["both.txt:1: ", "好"],
        ),
        (
            &["--replace-unknown", "bad.tsv"],
            &["bad.tsv:1: ", "a tab and its translation"],
        ),
        (
            &["--checkpoint", "best", "--checkpoint", "last"],
            &["`--checkpoint` is given 2 times for 1 runs"],
        ),
    ] {
        let outcome = sandbox.pipe(
            &[&["translate", "--run", RUN][..], more].concat(),
            "I eat rice .\nyou eat rice .\n",
        );
        outcome.assert_refused(words);
    }
    let more = ["translate", "--run", RUN, "--prefix", "three.txt"];
    let outcome = sandbox.pipe(&more, "I eat rice .\nyou eat rice .\n");
    outcome.assert_error(2, &["`three.txt` has 3 lines, but the input only 2"]);
    let part = [
        "translate",
        "--run",
        RUN,
        "--must-contain",
        "part.txt",
        "--must-not-contain",
        "part.txt",
    ];
    sandbox
        .pipe(&part, "I eat rice .\nyou eat rice .\n")
        .assert_refused(&["part.txt:2: ", "must not be contained", "吃"]);
    let begun = [
        "translate",
        "--run",
        RUN,
        "--prefix",
        "part.txt",
        "--must-not-contain",
        "part.txt",
    ];
    sandbox
        .pipe(&begun, "I eat rice .\nyou eat rice .\n")
        .assert_refused(&["part.txt:2: ", "a part of the prefix", "吃"]);
    assert_unchanged(&sandbox, &before);
}

/// What ends the search for one sentence names its line, blank ones counted.
#[test]
fn a_search_that_would_not_end_names_the_line() {
    let sandbox = Sandbox::trained();
    let endless = [
        "--set",
        "search.method=exhaustive",
        "--set",
        "search.max_length=60",
        "--set",
        "search.beam=1",
    ];
    let translate = [&["translate", "--run", RUN][..], &endless].concat();
    let outcome = sandbox.pipe(&translate, "\n\nI eat rice .\n");
    outcome.assert_refused(&["line 3: ", "search.max_length"]);
    sandbox.write("late.tsv", "\n\n\nI eat rice .\t我吃饭。\n");
    let evaluate = ["evaluate", "--run", RUN, "--data", "late.tsv"];
    let outcome = sandbox.run(&[&evaluate[..], &endless].concat());
    outcome.assert_refused(&["line 4: ", "search.max_length"]);
}

#[test]
fn runs_with_other_vocabularies_are_no_ensemble() {
    let sandbox = Sandbox::trained();
    let more = ["--max-steps", "1", "--set", "tokenizer.target.kind=word"];
    sandbox.train_in("other", &more);
    for command in [
        &["translate"][..],
        &["evaluate", "--data", "valid.tsv"],
        &["score", "--data", "valid.tsv"],
    ] {
        let outcome = sandbox.run(&[command, &["--run", RUN, "--run", "other"]].concat());
        outcome.assert_refused(&[
            "`run` and `other`",
            "target vocabularies differ",
            "Train them",
        ]);
    }
    let export = ["export", "--format", "safetensors", "--out", "x"];
    let outcome = sandbox.run(&[&export[..], &["--run", RUN, "--run", RUN]].concat());
    outcome.assert_refused(&["one model", "`--run` once"]);
}

#[test]
fn a_model_without_attention_replaces_and_covers_nothing() {
    let sandbox = Sandbox::new();
    sandbox.train(&["--set", "model.attention.kind=none", "--max-steps", "1"]);
    let translate = ["translate", "--run", RUN];
    let outcome = sandbox.run(&[&translate[..], &["--replace-unknown"]].concat());
    outcome.assert_refused(&["--replace-unknown", "attention"]);
    let covered = ["--set", "search.coverage_penalty=0.2"];
    let outcome = sandbox.run(&[&translate[..], &covered].concat());
    outcome.assert_refused(&["search.coverage_penalty", "none"]);
}
