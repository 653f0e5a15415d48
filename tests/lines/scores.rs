//! A result for every line, and scores that mean something.

use super::*;

#[test]
fn every_line_is_scored() {
    let sandbox = trained("tiny", 100, &[]);
    for (name, lines) in [("sc_blank.tsv", 5), ("sc_long.tsv", 4)] {
        let outcome = sandbox.run(&["score", "--run", RUN, "--data", name]);
        outcome.assert_done();
        assert_eq!(outcome.out.lines().count(), lines, "{name}: {outcome:#?}");
        let scores = sandbox
            .run(&["evaluate", "--run", RUN, "--data", name, "--json"])
            .json();
        assert_eq!(scores["sentences"], lines, "{name}");
    }
}

#[test]
fn two_files_are_evaluated_and_translations_written() {
    let sandbox = trained("tiny", 600, &[]);
    let (sources, targets) = columns(&sandbox, "valid.tsv");
    sandbox.write("v.en", sources.join("\n"));
    sandbox.write("v.de", targets.join("\n"));
    let of_tsv = ["evaluate", "--run", RUN, "--data", "valid.tsv", "--json"];
    let expected = sandbox.run(&of_tsv).json();
    for named in [&["v.en", "v.de"][..], &["--data", "v.en", "v.de"]] {
        let more = ["--json", "--output", "out.txt"];
        let command = [&["evaluate", "--run", RUN][..], named, &more].concat();
        assert_eq!(sandbox.run(&command).json(), expected);
        let translated = translate(&sandbox, &[], sources.join("\n")).out;
        assert_eq!(sandbox.text("out.txt"), translated);
    }
    for key in ["chrf++", "symbol_error_rate", "exact_match"] {
        assert!(expected[key].is_number(), "{key}: {expected}");
    }
}

#[test]
fn evaluate_takes_the_test_set_of_the_config() {
    let sandbox = trained("tiny", 30, &["data.test=valid.tsv"]);
    let named = ["evaluate", "--run", RUN, "--data", "valid.tsv", "--json"];
    let without = ["evaluate", "--run", RUN, "--json"];
    assert_eq!(sandbox.run(&without).json(), sandbox.run(&named).json());
    let sandbox = trained("tiny", 30, &[]);
    sandbox
        .run(&without)
        .assert_refused(&["data.test", "--data"]);
}

/// With one-word targets BLEU is 0 at every validation.
#[test]
fn the_default_criterion_suits_one_word_targets() {
    let sandbox = Sandbox::new();
    drop(sandbox);
    let sandbox = trained("inf", 100_000, &[]);
    assert_eq!(right(&sandbox, "inf_valid.tsv", &[]), 1.0);
}

/// sacreBLEU 2.6.0 gives chrF 48.3 and 100.0 for what normal form C and no form at all make of these references.
#[test]
fn references_are_compared_as_they_are_written() {
    let sandbox = trained("hi", 200, &["tokenizer.target.normalize=nfc"]);
    let evaluate = ["evaluate", "--run", RUN, "--data", "hi_dev.tsv", "--json"];
    let scores = sandbox.run(&evaluate).json();
    assert_eq!((scores["chrf"].as_f64().unwrap() * 10.0).round(), 483.0);
    let sandbox = trained("hi", 200, &[]);
    assert_eq!(sandbox.run(&evaluate).json()["chrf"], 100.0);
}
