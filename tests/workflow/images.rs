//! Images to text.

use super::support::images::{draw, name, texts, train, trained};
use super::*;

/// The images of `bars/train.tsv`.
fn names() -> Vec<String> {
    texts().iter().map(|text| name(text)).collect()
}

#[test]
fn a_run_of_images_has_no_source_vocabulary_and_says_what_it_read() {
    let sandbox = support::images::sandbox();
    let outcome = train(&sandbox, RUN, &["--json"]);
    let report = outcome.json();
    assert_eq!(report["steps"], 16);
    assert!(number(&report["valid"], "exact") >= 0.0);
    assert!(outcome.err.contains("images of 8 rows and"), "{outcome:#?}");
    assert!(!sandbox.path("run/tokenizer.source.json").exists());
    let config = sandbox.text("run/config.toml");
    assert!(config.contains("[data.images]") && !config.contains("[tokenizer.source]"));
    let losses: Vec<f64> = sandbox
        .metrics(RUN)
        .iter()
        .filter(|record| record["kind"] == "train")
        .map(|record| number(record, "loss"))
        .collect();
    assert!(losses[15] < losses[0], "{losses:?}");
}

#[test]
fn paths_start_where_the_list_is_and_standard_input_where_the_command_is() {
    let sandbox = trained();
    let names = names();
    let list = names.join("\n");
    sandbox.write("bars/list.txt", &list);
    let of_file = translate(&sandbox, &["--input", "bars/list.txt"], "").out;
    assert_eq!(of_file.lines().count(), 14);
    let piped: Vec<String> = names.iter().map(|name| format!("bars/{name}")).collect();
    let piped = translate(&sandbox, &[], &piped.join("\n")).out;
    assert_eq!(piped, of_file);
    let integers = translate(
        &sandbox,
        &["--input", "bars/list.txt", "--precision", "int8"],
        "",
    );
    assert_eq!(integers.out.lines().count(), 14);
    // One image is no list of images.
    let one = translate(&sandbox, &["--input", "bars/a.png"], "").out;
    assert_eq!(Some(one.trim()), of_file.lines().next());
}

#[test]
fn company_changes_nothing_and_blank_lines_stay_blank() {
    let sandbox = trained();
    let lines: Vec<String> = names().iter().map(|name| format!("bars/{name}")).collect();
    for beam in ["1", "3"] {
        let scored = &["--beam", beam, "--n-best", "2"];
        let together = translate(&sandbox, scored, &lines.join("\n")).out;
        let together: Vec<&str> = together.lines().collect();
        for (line, both) in lines.iter().zip(together.chunks(2)).step_by(5) {
            let alone = translate(&sandbox, scored, line).out;
            for (one, other) in alone.lines().zip(both) {
                let [one, other] = [one, other].map(|line| line.split_once('\t').unwrap().1);
                assert_eq!(one, other);
            }
        }
    }
    let outcome = translate(&sandbox, &[], &format!("\n{}\n\n", lines[0]));
    let out: Vec<&str> = outcome.out.lines().collect();
    assert_eq!((out.len(), out[0], out[2]), (3, "", ""));
}

#[test]
fn scores_of_images() {
    let sandbox = trained();
    let arguments = [
        "evaluate",
        "--run",
        RUN,
        "--data",
        "bars/valid.tsv",
        "--json",
    ];
    let report = sandbox.run(&arguments).json();
    assert_eq!(report["sentences"], 6);
    assert!((0.0..=1.0).contains(&number(&report, "exact_match")));
    let arguments = ["score", "--run", RUN, "--data", "bars/valid.tsv", "--json"];
    let report = sandbox.run(&arguments).json();
    assert_eq!(report["sentences"].as_array().unwrap().len(), 6);
    assert!(number(&report, "log_probability") < 0.0);
}

#[test]
fn attention_lies_over_the_image() {
    let sandbox = trained();
    sandbox.write("x.png", draw("ab", 1).png());
    let text = translate(&sandbox, &["--attention", "a.json"], "x.png\n").out;
    let found: Vec<Value> = serde_json::from_str(&sandbox.text("a.json")).unwrap();
    let [one] = &found[..] else {
        panic!("{found:?}");
    };
    let image = &one["image"];
    for (key, wanted) in [("height", 8), ("width", 16), ("rows", 2), ("columns", 4)] {
        assert_eq!(image[key], wanted, "{key}");
    }
    assert_eq!(image["name"], "x.png");
    assert_eq!(one["text"], text.trim());
    for weights in one["weights"].as_array().unwrap() {
        let weights: Vec<f64> = serde_json::from_value(weights.clone()).unwrap();
        assert_eq!(weights.len(), 8);
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-4);
    }
    translate(&sandbox, &["--attention", "a.svg"], "x.png\n");
    let svg = sandbox.text("a.svg");
    let panels = one["target"].as_array().unwrap().len();
    assert_eq!(svg.matches("<image ").count(), panels);
    translate(&sandbox, &["--attention", "a.png"], "x.png\n");
    let png = sandbox.bytes("a.png");
    assert!(png.starts_with(b"\x89PNG"));
    let side = |place: usize| u32::from_be_bytes(png[place..place + 4].try_into().unwrap());
    assert!(side(16) > 128 && side(20) > 64);
}

#[test]
fn wide_images_are_dropped_from_training_and_cut_elsewhere() {
    let sandbox = support::images::sandbox();
    let more = ["--set", "data.images.max_width=16", "--max-steps", "1"];
    let outcome = train(&sandbox, RUN, &more);
    let said = "training on 6 pairs (8 longer than 16 columns or 250 target tokens dropped)";
    assert!(outcome.err.contains(said), "{outcome:#?}");
    let outcome = translate(&sandbox, &[], "bars/aab.pgm\n");
    let said = "line 1: too wide: the last 8 of 24 columns are left out\n";
    assert_eq!(outcome.err, said);
}

#[test]
fn an_interrupted_run_of_images_ends_in_the_same_bytes() {
    let sandbox = support::images::sandbox();
    let more = ["--set", "train.max_steps=10"];
    train(&sandbox, "whole", &more);
    train(&sandbox, RUN, &[&more[..], &["--max-steps", "7"]].concat());
    train(&sandbox, RUN, &[&more[..], &["--resume"]].concat());
    for (one, other) in sandbox.last("whole").iter().zip(&sandbox.last(RUN)) {
        assert!(one == other, "the two runs differ");
    }
}

#[test]
fn training_on_images_is_measured() {
    let sandbox = support::images::sandbox();
    let arguments = [
        "bench",
        "train",
        "--config",
        "bars.toml",
        "--steps",
        "3",
        "--json",
    ];
    let report = sandbox.run(&arguments).json();
    assert!(number(&report, "step_ms_median") > 0.0);
    train(&sandbox, RUN, &[]);
    let arguments = [
        "bench",
        "translate",
        "--run",
        RUN,
        "--sentences",
        "12",
        "--json",
    ];
    assert!(number(&sandbox.run(&arguments).json(), "sent_s") > 0.0);
}
