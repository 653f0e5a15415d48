//! What is to be translated, and where it goes.

use super::*;

#[test]
fn a_folder_that_is_no_run_is_refused_by_every_command() {
    let sandbox = Sandbox::new();
    let before = sandbox.snapshot();
    for command in [
        &["translate"][..],
        &["evaluate", "--data", "valid.tsv"],
        &["score", "--data", "valid.tsv"],
        &["export", "--format", "safetensors", "--out", "x"],
    ] {
        for run in [".", "none"] {
            let outcome = sandbox.run(&[command, &["--run", run]].concat());
            outcome.assert_refused(&["is no run folder", "config.toml"]);
        }
    }
    assert_unchanged(&sandbox, &before);
}

#[test]
fn bytes_that_are_not_utf8_are_named_with_their_line() {
    let sandbox = Sandbox::trained();
    let bad = b"I eat rice .\nyou\ncaf\xe9 .\n";
    let outcome = sandbox.pipe(&["translate", "--run", RUN], bad);
    outcome.assert_error(2, &["standard input:3:", "not UTF-8"]);
    sandbox.write("bad.txt", bad);
    let before = sandbox.snapshot();
    let files = [
        "--input",
        "bad.txt",
        "--output",
        "out.txt",
        "--attention",
        "a.json",
    ];
    let outcome = sandbox.run(&[&["translate", "--run", RUN][..], &files].concat());
    outcome.assert_refused(&["bad.txt:3:", "not UTF-8"]);
    // What stands before it is translated.
    for name in ["out.txt", "a.json"] {
        assert!(!sandbox.bytes(name).is_empty(), "{name}");
        fs::remove_file(sandbox.path(name)).unwrap();
    }
    assert_unchanged(&sandbox, &before);
}

#[test]
fn nothing_in_is_nothing_out() {
    let outcome = Sandbox::trained().pipe(&["translate", "--run", RUN], "");
    outcome.assert_done();
    assert_eq!((outcome.out.as_str(), outcome.err.as_str()), ("", ""));
}

#[test]
fn a_blank_line_stays_a_blank_line() {
    let sandbox = Sandbox::trained();
    for beam in ["1", "3"] {
        let command = ["translate", "--run", RUN, "--beam", beam];
        let outcome = sandbox.pipe(&command, "\nI eat rice .\n\n  \t \r\nyou buy tea .");
        outcome.assert_done();
        let lines: Vec<bool> = outcome.out.split('\n').map(str::is_empty).collect();
        assert_eq!(
            lines,
            [true, false, true, true, false, true],
            "{outcome:#?}"
        );
    }
}

#[test]
fn a_line_that_is_too_long_is_cut_and_the_user_told() {
    let sandbox = Sandbox::trained();
    let input = "I eat rice ".repeat(1_000) + "\nI eat rice .\n";
    let outcome = sandbox.pipe(&["translate", "--run", RUN, "--beam", "1"], input);
    outcome.assert_done();
    assert_eq!(outcome.out.lines().count(), 2, "{outcome:#?}");
    assert!(outcome.err.contains("line 1: too long"), "{outcome:#?}");
}

#[test]
fn files_and_numbers_that_cannot_be_are_refused() {
    let sandbox = Sandbox::trained();
    let before = sandbox.snapshot();
    for (more, words) in [
        (&["--input", "none.txt"][..], &["none.txt"][..]),
        (&["--attention", "a.png"], &["a.png", ".json or .svg"]),
        (&["--beam", "0"], &["--beam", "at least 1"]),
        (&["--n-best", "0"], &["--n-best", "at least 1"]),
        (
            &["--output", "no/where.txt"],
            &["cannot write", "no/where.txt"],
        ),
    ] {
        let outcome = sandbox.pipe(
            &[&["translate", "--run", RUN][..], more].concat(),
            "I eat rice .\n",
        );
        outcome.assert_refused(words);
    }
    let export = [
        "export", "--run", RUN, "--format", "burnpack", "--out", "no/where",
    ];
    sandbox
        .run(&export)
        .assert_refused(&["cannot write", "no/where"]);
    sandbox
        .run(&["evaluate", "--run", RUN, "--data", "none.tsv"])
        .assert_refused(&["none.tsv"]);
    assert_unchanged(&sandbox, &before);
}
