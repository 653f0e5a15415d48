//! Images that cannot be read, and what cannot be done with images.

use super::support::images::{draw, sandbox, train, trained};
use super::*;

/// Trains on `lines` and on a TSV of one right line; must be refused.
fn list_refused(sandbox: &Sandbox, lines: &str, words: &[&str]) {
    sandbox.write("bars/other.tsv", lines);
    let before = sandbox.snapshot();
    for key in ["train", "valid", "test"] {
        let set = format!("data.{key}=bars/other.tsv");
        let arguments = ["--config", "bars.toml", "--run-dir", RUN, "--set", &set];
        sandbox.run(&arguments).assert_refused(words);
    }
    assert_unchanged(sandbox, &before);
}

#[test]
fn images_that_cannot_be_read_are_named_with_their_line() {
    let sandbox = sandbox();
    let whole = sandbox.bytes("bars/a.png");
    sandbox.write("bars/half.png", &whole[..whole.len() / 2]);
    sandbox.write("bars/text.png", "no image");
    sandbox.write("bars/huge.pgm", "P5\n50000 50000\n255\n");
    fs::create_dir(sandbox.path("bars/folder.png")).unwrap();
    for (name, words) in [
        (
            "none.png",
            &["other.tsv:2: `bars/none.png`: no such image"][..],
        ),
        (
            "half.png",
            &["other.tsv:2: `half.png`: this image is damaged"],
        ),
        ("text.png", &["other.tsv:2: `text.png`: this is no PNG"]),
        (
            "huge.pgm",
            &["other.tsv:2: `huge.pgm`", "50000 x 50000 pixels"],
        ),
        (
            "folder.png",
            &["other.tsv:2: `folder.png`: this is a folder"],
        ),
        (
            "How are you?",
            &["other.tsv:2: `How are you?`", ".png, .jpg"],
        ),
    ] {
        list_refused(&sandbox, &format!("a.png\ta\n{name}\tb\n"), words);
    }
    list_refused(&sandbox, "", &["other.tsv", "the corpus is empty"]);
    list_refused(&sandbox, "a.png\n", &["other.tsv:1: one-sided pair"]);
}

#[test]
fn text_and_images_are_told_apart() {
    let sandbox = sandbox();
    let arguments = ["--config", "bars.toml", "--run-dir", RUN, "--set"];
    let refused = |set: &str, words: &[&str]| {
        let outcome = sandbox.run(&[&arguments[..], &[set]].concat());
        outcome.assert_refused(words);
    };
    refused(
        "data.valid=train.tsv",
        &["train.tsv:1: `I eat rice .`: not the name"],
    );
    refused(
        "data.test=builtin:en-zh:test",
        &["`data.test`", "holds text"],
    );
    refused("model.encoder.kind=gru", &["`data.images`", "reads text"]);
    refused(
        "tokenizer.source.kind=char",
        &["`tokenizer.source`", "remove this table"],
    );
}

#[test]
fn what_needs_words_is_refused() {
    let sandbox = trained();
    sandbox.write("x.png", draw("ab", 1).png());
    let before = sandbox.snapshot();
    let piped = |more: &[&str], input: &str, words: &[&str]| {
        let arguments = [&["translate", "--run", RUN], more].concat();
        sandbox.pipe(&arguments, input).assert_refused(words);
    };
    piped(
        &["--replace-unknown"],
        "x.png\n",
        &["an image has no words"],
    );
    piped(
        &["--attention", "a.txt"],
        "x.png\n",
        &["a.txt", ".png for images"],
    );
    piped(&[], "I eat rice .\n", &["standard input:1: `I eat rice .`"]);
    piped(
        &[],
        "\nnone.png\n",
        &["standard input:2: `none.png`: no such image"],
    );
    piped(&["--input", "bars/train.tsv"], "", &["train.tsv:1: "]);
    piped(&["--input", "none.png"], "", &["none.png"]);
    let evaluate = |data: &str, words: &[&str]| {
        let arguments = ["evaluate", "--run", RUN, "--data", data];
        sandbox.run(&arguments).assert_refused(words);
    };
    evaluate(
        "builtin:en-zh:test",
        &["holds text", "the model reads images"],
    );
    evaluate("train.tsv", &["train.tsv:1: "]);
    let arguments = [
        "bench",
        "train",
        "--config",
        "bars.toml",
        "--write-inputs",
        "out",
    ];
    sandbox
        .run(&arguments)
        .assert_refused(&["ids of sentences"]);
    assert_unchanged(&sandbox, &before);
}

#[test]
fn a_model_of_text_reads_no_images() {
    let sandbox = Sandbox::trained();
    let arguments = ["evaluate", "--run", RUN, "--data", "builtin:digits:test"];
    sandbox
        .run(&arguments)
        .assert_refused(&["holds images", "the model reads text"]);
    let arguments = ["translate", "--run", RUN, "--attention", "a.png"];
    let outcome = sandbox.pipe(&arguments, "I eat rice .\n");
    outcome.assert_refused(&["a.png", "this model reads text", ".json or .svg"]);
}

#[test]
fn a_run_goes_on_only_with_the_same_images() {
    let sandbox = sandbox();
    train(&sandbox, RUN, &["--max-steps", "2"]);
    let arguments = [
        "--config",
        "bars.toml",
        "--run-dir",
        RUN,
        "--resume",
        "--set",
    ];
    let set = "data.images.background=dark";
    let outcome = sandbox.run(&[&arguments[..], &[set]].concat());
    outcome.assert_refused(&["other settings", "data.images"]);
    // A config that was changed by hand is no better.
    let config = sandbox.text("run/config.toml");
    sandbox.write("run/config.toml", config.replace("\"light\"", "\"dark\""));
    let outcome = sandbox.pipe(&["translate", "--run", RUN], "bars/a.png\n");
    outcome.assert_refused(&["images of 8 rows", "light background", "config.toml"]);
}
