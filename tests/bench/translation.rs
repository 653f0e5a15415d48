//! `attune bench translate`.

use super::*;

const TRANSLATE: [&str; 15] = [
    "bench",
    "translate",
    "--data",
    "train.tsv",
    "--batch",
    "7",
    "--sentences",
    "80",
    "--warmup",
    "1",
    "--backend=cpu",
    "--workload",
    "yardstick",
    "--hidden",
    "12",
];

fn assert_translated(report: &Value, beam: f64, precision: &str, fixed: bool) {
    for key in ["sent_s", "tok_s", "batch_ms_median", "prepare_ms"] {
        assert!(number(report, key) > 0.0, "{key}: {report}");
    }
    assert_eq!(number(report, "batch"), 7.0);
    assert_eq!(number(report, "beam"), beam);
    assert_eq!(report["precision"], precision);
    let favour = match precision {
        "f32" if 7.0 * beam > 8.0 => Some("throughput"),
        "f32" => Some("latency"),
        _ => None,
    };
    assert_eq!(report["favour"].as_str(), favour);
    assert_eq!(report["fixed_length"], fixed);
    assert_eq!(number(report, "batches"), 12.0);
    assert_eq!(number(report, "sentences"), 84.0);
    let rates = number(report, "tok_s") / number(report, "sent_s");
    let words = number(report, "tokens") / number(report, "sentences");
    assert!((rates - words).abs() < 1e-9 * words, "{report}");
    if fixed {
        // The longest of a batch of sentences of five to eight characters, end mark included.
        assert!((5.0..=8.0).contains(&words), "{report}");
    }
    if cfg!(target_os = "linux") {
        assert!(number(report, "peak_rss_mb") > 1.0);
    }
}

#[test]
fn translation_is_measured_with_fixed_lengths_where_nothing_is_trained() {
    let sandbox = Sandbox::new();
    for (beam, precision) in [("1", "f32"), ("3", "f32"), ("3", "int8")] {
        let more = ["--beam", beam, "--precision", precision, "--json"];
        let report = sandbox.run(&[&TRANSLATE[..], &more].concat()).json();
        assert_translated(&report, beam.parse().unwrap(), precision, true);
    }
    let config = [
        &TRANSLATE[..2],
        &["--config", "tiny.toml", "--json"],
        &TRANSLATE[4..11],
    ];
    let report = sandbox.run(&config.concat()).json();
    assert_eq!(report["fixed_length"], true);
    assert_eq!(number(&report, "batch"), 7.0);
    let words = sandbox.run(&TRANSLATE);
    words.assert_done();
    assert!(words.out.contains("sentences/s"), "{words:#?}");
}

#[test]
fn what_is_translated_and_what_is_found_are_written_only_if_asked_for() {
    let sandbox = Sandbox::new();
    let more = ["--beam", "3", "--json", "--write-inputs", "inputs"];
    let report = sandbox.run(&[&TRANSLATE[..], &more].concat()).json();
    let lines = |name: &str| -> Vec<Value> {
        let text = sandbox.text(name);
        let values = text.lines().map(|line| serde_json::from_str(line).unwrap());
        values.collect()
    };
    let batches = lines("inputs/batches.jsonl");
    let found = lines("inputs/translations.jsonl");
    assert_eq!((batches.len(), found.len()), (13, 13));
    let rows = |value: &Value| -> Vec<usize> {
        let rows = value.as_array().unwrap().iter();
        rows.map(|row| row.as_array().unwrap().len()).collect()
    };
    let mut words = 0;
    for (batch, found) in batches.iter().zip(&found).skip(1) {
        let longest = *rows(&batch["target"]).iter().max().unwrap();
        assert_eq!(rows(&found["words"]), [longest; 7]);
        words += 7 * longest;
        let sums = found["log_probabilities"].as_array().unwrap();
        assert!(sums.iter().all(|sum| sum.as_f64().unwrap() < 0.0));
    }
    assert_eq!(words as f64, number(&report, "tokens"));
    let bytes = sandbox.bytes("inputs/initial.safetensors");
    let file = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(file.tensor("output.weight").unwrap().shape(), [2800, 12]);
}

#[test]
fn a_runs_translation_is_measured_with_its_own_lengths() {
    let sandbox = Sandbox::trained();
    let run = [&TRANSLATE[..11], &["--run", support::RUN, "--json"]].concat();
    let before = sandbox.snapshot();
    let report = sandbox.run(&run).json();
    assert_translated(&report, number(&report, "beam"), "f32", false);
    let report = sandbox
        .run(&[&run[..], &["--fixed-length"]].concat())
        .json();
    assert_translated(&report, number(&report, "beam"), "f32", true);
    assert!(sandbox.snapshot() == before, "something was written");
}
