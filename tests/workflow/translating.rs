//! Translations and what they attended to.

use super::*;

#[test]
fn from_standard_input_and_from_a_file_alike() {
    let sandbox = Sandbox::trained();
    let piped = translate(&sandbox, &[], SENTENCES);
    assert_eq!(piped.out.lines().count(), 2);
    assert!(piped.out.lines().all(|line| !line.is_empty()), "{piped:#?}");
    sandbox.write(
        "in.txt",
        format!("\u{feff}{}", SENTENCES.replace('\n', "\r\n")),
    );
    let outcome = translate(&sandbox, &["--input", "in.txt", "--output", "out.txt"], "");
    assert_eq!(outcome.out, "");
    assert_eq!(sandbox.text("out.txt"), piped.out);
}

#[test]
fn unknown_words_are_named_on_standard_error() {
    let sandbox = Sandbox::trained();
    let outcome = translate(&sandbox, &[], SENTENCES);
    let sum = "3 unknown words in 1 line: likes, red, the";
    assert_eq!(
        outcome.err,
        format!("{sum}; `--verbose` says which line has which\n")
    );
    let outcome = translate(&sandbox, &["--verbose"], SENTENCES);
    assert_eq!(
        outcome.err,
        format!("line 2: unknown: likes the red\n{sum}\n")
    );
}

#[test]
fn each_of_the_n_best_has_its_lines_number_and_score() {
    let sandbox = Sandbox::trained();
    let best = translate(&sandbox, &["--beam", "4"], SENTENCES).out;
    let outcome = translate(&sandbox, &["--beam", "4", "--n-best", "3"], SENTENCES);
    let rows: Vec<Vec<&str>> = outcome
        .out
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(
        rows.iter().map(|row| row[0]).collect::<Vec<_>>(),
        ["1", "1", "1", "2", "2", "2"]
    );
    for (line, rows) in best.lines().zip(rows.chunks(3)) {
        let scores: Vec<f64> = rows.iter().map(|row| row[1].parse().unwrap()).collect();
        assert!(
            scores.is_sorted_by(|a, b| a >= b) && scores[0] < 0.0,
            "{outcome:#?}"
        );
        assert_eq!(rows[0][2], line);
        assert!(
            rows[0][2] != rows[1][2] && rows[1][2] != rows[2][2],
            "{outcome:#?}"
        );
    }
    // More than the beam holds: the beam grows.
    let outcome = translate(&sandbox, &["--beam", "1", "--n-best", "2"], SENTENCES);
    assert_eq!(outcome.out.lines().count(), 4);
}

#[test]
fn a_beam_of_one_is_greedy_and_company_changes_nothing() {
    let sandbox = Sandbox::trained();
    let sources: Vec<String> = pairs().into_iter().map(|pair| pair.0).collect();
    for beam in ["1", "3"] {
        let together = translate(&sandbox, &["--beam", beam], &sources.join("\n")).out;
        for (source, line) in sources.iter().zip(together.lines()).step_by(9) {
            assert_eq!(
                translate(&sandbox, &["--beam", beam], source).out,
                format!("{line}\n")
            );
        }
    }
}

#[test]
fn attention_as_numbers_sums_to_one_and_has_the_sizes_of_its_words() {
    let sandbox = Sandbox::trained();
    let text = translate(&sandbox, &["--attention", "a.json"], SENTENCES).out;
    let alignments: Vec<Value> = serde_json::from_str(&sandbox.text("a.json")).unwrap();
    assert_eq!(alignments.len(), 2);
    let words = |value: &Value| -> Vec<String> { serde_json::from_value(value.clone()).unwrap() };
    let lengths = alignments
        .iter()
        .map(|one| words(&one["source"]).len())
        .collect::<Vec<_>>();
    assert_eq!(lengths, [5, 7]);
    for (alignment, line) in alignments.iter().zip(text.lines()) {
        assert_eq!(alignment["text"], line);
        let (source, target) = (words(&alignment["source"]), words(&alignment["target"]));
        assert_eq!(source.last().unwrap(), "</s>");
        let weights: Vec<Vec<f64>> = serde_json::from_value(alignment["weights"].clone()).unwrap();
        assert_eq!(weights.len(), target.len());
        for row in &weights {
            assert_eq!(row.len(), source.len());
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-5, "{row:?}");
            assert!(
                row.iter().all(|weight| (0.0..=1.0).contains(weight)),
                "{row:?}"
            );
        }
    }
    assert_eq!(
        words(&alignments[1]["source"])[..2],
        ["Tom", "<unk>"],
        "what the model saw"
    );
}

#[test]
fn attention_as_a_picture_is_sound_xml_with_a_cell_for_each_weight() {
    let sandbox = Sandbox::trained();
    let input = "I eat rice .\nthe <b> & \"you\" ' \u{1} tea .\n";
    translate(&sandbox, &["--attention", "a.svg"], input);
    translate(&sandbox, &["--attention", "a.json"], input);
    let picture = sandbox.text("a.svg");
    assert_well_formed(&picture);
    let alignments: Vec<Value> = serde_json::from_str(&sandbox.text("a.json")).unwrap();
    let size = |value: &Value| value.as_array().unwrap().len();
    let cells: usize = alignments
        .iter()
        .map(|one| size(&one["source"]) * size(&one["target"]))
        .sum();
    assert_eq!(picture.matches("<title>").count(), cells);
}

#[test]
fn a_model_without_attention_has_none_to_show() {
    let sandbox = Sandbox::new();
    sandbox.train(&["--set", "model.attention.kind=none", "--max-steps", "2"]);
    translate(&sandbox, &["--attention", "a.json"], "I eat rice .\n");
    let alignments: Value = serde_json::from_str(&sandbox.text("a.json")).unwrap();
    assert_eq!(alignments[0]["weights"], serde_json::json!([]));
    translate(&sandbox, &["--attention", "a.svg"], "I eat rice .\n");
    assert_well_formed(&sandbox.text("a.svg"));
}

/// Elements are closed in order, attributes are quoted and unique, every `&` is one of the
/// five entities, and there is one root.
fn assert_well_formed(text: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text.trim();
    let mut roots = 0;
    while let Some(start) = rest.find('<') {
        let entities = rest[..start].split('&').skip(1);
        for entity in entities {
            let known = ["amp;", "lt;", "gt;", "quot;", "apos;"];
            assert!(
                known.iter().any(|known| entity.starts_with(known)),
                "&{entity}"
            );
        }
        assert!(
            rest[..start].chars().all(|c| !c.is_control() || c == '\n'),
            "{:?}",
            &rest[..start]
        );
        let end = start + rest[start..].find('>').expect("an element without an end");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed in the wrong order");
            continue;
        }
        roots += usize::from(open.is_empty());
        let body = tag.strip_suffix('/').unwrap_or(tag);
        assert!(!body.contains(['<', '&']), "{body}");
        assert!(body.matches('"').count().is_multiple_of(2), "{body}");
        if !tag.ends_with('/') {
            open.push(body.split_whitespace().next().unwrap());
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest}");
    assert_eq!(roots, 1);
}

#[test]
fn integer_weights_translate_too() {
    let sandbox = Sandbox::trained();
    let whole = translate(&sandbox, &[], SENTENCES);
    let integers = translate(&sandbox, &["--precision", "int8"], SENTENCES);
    assert_eq!(integers.out.lines().count(), whole.out.lines().count());
    let again = translate(&sandbox, &["--precision", "int8"], SENTENCES);
    assert_eq!(integers.out, again.out);
    let command = [
        "evaluate",
        "--run",
        RUN,
        "--data",
        "train.tsv",
        "--precision",
        "int8",
        "--json",
    ];
    let scores = sandbox.run(&command).json();
    assert!(scores["chrf"].as_f64().unwrap() > 0.0, "{scores}");
}

#[cfg(feature = "ndarray")]
#[test]
fn integer_weights_are_the_cpus_own() {
    let command = [
        "translate",
        "--run",
        RUN,
        "--backend",
        "ndarray",
        "--precision",
        "int8",
    ];
    Sandbox::trained()
        .pipe(&command, SENTENCES)
        .assert_refused(&["--precision int8", "ndarray", "--backend cpu"]);
}
