//! `attune bench train`.

use super::*;

/// The tiny corpus has forty pairs: five full batches of seven.
const TINY: [&str; 19] = [
    "bench",
    "train",
    "--workload",
    "yardstick",
    "--data",
    "train.tsv",
    "--emb",
    "8",
    "--hidden",
    "12",
    "--src-vocab",
    "30",
    "--tgt-vocab",
    "40",
    "--batch",
    "7",
    "--warmup",
    "1",
    "--backend=cpu",
];

fn bench(sandbox: &Sandbox, more: &[&str]) -> Value {
    sandbox.run(&[&TINY[..], more, &["--json"]].concat()).json()
}

/// A bidirectional LSTM of 6 in each direction and a fed one of 12 over embeddings of 8.
fn parameters() -> usize {
    let (embedding, hidden, source, target) = (8, 12, 30, 40);
    let half = hidden / 2;
    let encoder = 2 * (4 * half * (embedding + half) + 4 * half);
    let decoder = 4 * hidden * (embedding + 2 * hidden) + 4 * hidden;
    let bridge = hidden * hidden + hidden;
    let attention = 2 * hidden * hidden + 2 * hidden;
    let output = 2 * hidden * hidden + hidden + hidden * target + target;
    (source + target) * embedding + encoder + decoder + bridge + attention + output
}

#[test]
fn the_report_has_every_key_and_sane_values() {
    let sandbox = Sandbox::new();
    let before = sandbox.snapshot();
    let report = bench(&sandbox, &["--steps", "3"]);
    assert!(sandbox.snapshot() == before, "something was written");
    for key in [
        "tgt_tok_s",
        "step_ms_median",
        "matmul_gflop_s",
        "matmul_ceiling_gflop_s",
        "final_loss",
        "share.pointwise",
        "share.optimiser",
    ] {
        assert!(number(&report, key) > 0.0, "{key}: {report}");
    }
    assert!(number(&report, "step_ms_spread") >= 0.0);
    assert!((0.0..1.0).contains(&number(&report, "padding")));
    assert_eq!(number(&report, "params") as usize, parameters());
    assert_eq!(number(&report, "steps"), 3.0);
    assert_eq!(number(&report, "warmup"), 1.0);
    assert_eq!(report["backend"], "cpu");
    let shares = ["matmul", "pointwise", "optimiser", "data"];
    let sum: f64 = shares
        .map(|part| number(&report, &format!("share.{part}")))
        .iter()
        .sum();
    assert!((sum - 1.0).abs() < 1e-9, "{report}");
    // Three batches of seven sentences of five to eight characters, end mark included.
    let tokens = number(&report, "tgt_tokens");
    assert!((105.0..=168.0).contains(&tokens), "{report}");
    let losses = report["losses"].as_array().unwrap();
    assert_eq!(losses.len(), 3);
    assert_eq!(losses[2], report["final_loss"]);
    // A new model finds all forty characters about equally likely.
    assert!((losses[0].as_f64().unwrap() - 40f64.ln()).abs() < 0.5);
    if cfg!(target_os = "linux") {
        assert!(number(&report, "peak_rss_mb") > 1.0);
    }
}

/// The page's table of keys, and the report's: only what a GPU alone says may be missing.
#[test]
fn every_key_is_on_the_page() {
    let page = include_str!("../../docs/bench.md");
    let (_, page) = page.split_once("## What comes out").unwrap();
    let (page, _) = page.split_once("\n## ").unwrap();
    let cells = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once(" |"));
    let mut documented: Vec<&str> = cells
        .flat_map(|(keys, _)| keys.trim_end_matches('`').split("`, `"))
        .filter(|&key| key != "launches_per_step")
        .collect();
    let report = bench(&Sandbox::new(), &["--steps", "1"]);
    let mut reported: Vec<String> = Vec::new();
    for (key, value) in report.as_object().unwrap() {
        match value.as_object() {
            Some(parts) => reported.extend(parts.keys().map(|part| format!("{key}.{part}"))),
            None => reported.push(key.clone()),
        }
    }
    documented.sort_unstable();
    reported.sort_unstable();
    assert_eq!(documented, reported);
}

#[test]
fn epochs_follow_each_other_and_updates_teach() {
    let sandbox = Sandbox::new();
    let report = bench(&sandbox, &["--steps", "60", "--dropout", "0"]);
    let losses: Vec<f64> = report["losses"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_f64)
        .collect();
    assert_eq!(losses.len(), 60);
    assert!(losses[59] < 0.9 * losses[0], "{losses:?}");
    let again = bench(&sandbox, &["--steps", "60", "--dropout", "0"]);
    assert_eq!(again["losses"], report["losses"]);
}

#[test]
fn every_shape_of_the_yardstick_runs() {
    let sandbox = Sandbox::new();
    for more in [
        &["--cell", "gru"][..],
        &["--attention", "dot"],
        &["--attention", "general", "--input-feeding", "0"],
        &["--attention", "none"],
        &["--layers", "2"],
    ] {
        let report = bench(&sandbox, &[&["--steps", "1"], more].concat());
        assert!(number(&report, "final_loss").is_finite(), "{more:?}");
    }
}

#[test]
fn a_config_is_measured_with_the_batches_of_its_training() {
    let sandbox = Sandbox::new();
    sandbox.train(&["--set", "train.accumulate=3"]);
    let trained = sandbox.metrics(support::RUN);
    let before = sandbox.snapshot();
    let command = [
        "bench",
        "train",
        "--config",
        "tiny.toml",
        "--set",
        "train.accumulate=3",
    ];
    let command = [&command[..], &["--warmup", "0", "--steps", "6"]].concat();
    let report = sandbox.run(&[&command[..], &["--json"]].concat()).json();
    assert!(sandbox.snapshot() == before, "something was written");
    let records = trained.iter().filter(|record| record["kind"] == "train");
    let losses: Vec<f64> = records
        .take(6)
        .map(|record| number(record, "loss"))
        .collect();
    let found = report["losses"].as_array().unwrap();
    for (found, loss) in found.iter().zip(&losses) {
        assert!(
            (found.as_f64().unwrap() - loss).abs() < 1e-6,
            "{report}\n{losses:?}"
        );
    }
    let table = sandbox.run(&command);
    table.assert_done();
    for name in [
        "target tokens/s",
        "peak memory",
        "parameters",
        "optimiser",
        "last loss",
    ] {
        assert!(table.out.contains(name), "no `{name}` in {table:#?}");
    }
}

#[test]
fn what_is_learned_from_is_written_only_if_asked_for() {
    let sandbox = Sandbox::new();
    let report = bench(&sandbox, &["--steps", "6", "--write-inputs", "inputs"]);
    let lines = sandbox.text("inputs/batches.jsonl");
    let batches: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(batches.len(), 7);
    let timed = batches
        .iter()
        .skip(1)
        .flat_map(|batch| batch["target"].as_array().unwrap());
    let tokens: usize = timed.map(|row| row.as_array().unwrap().len()).sum();
    assert_eq!(tokens as f64, number(&report, "tgt_tokens"));
    for batch in &batches {
        for side in ["source", "target"] {
            let rows = batch[side].as_array().unwrap();
            assert_eq!(rows.len(), 7);
            assert!(
                rows.iter()
                    .all(|row| row.as_array().unwrap().last().unwrap() == 3)
            );
        }
    }
    let bytes = sandbox.bytes("inputs/initial.safetensors");
    let file = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(file.tensor("output.weight").unwrap().shape(), [40, 12]);
    assert_eq!(
        file.tensor("encoder.embedding.weight").unwrap().shape(),
        [30, 8]
    );
}
