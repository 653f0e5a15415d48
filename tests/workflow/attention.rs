//! Every attention, from a config to translations.

use super::*;

const KINDS: [&str; 10] = [
    "bahdanau",
    "luong-dot",
    "luong-general",
    "luong-concat",
    "scaled-dot",
    "multi-head",
    "local-m",
    "local-p",
    "time-dense",
    "tanh-pool",
];

#[test]
fn every_attention_learns_and_translates() {
    for kind in KINDS {
        let sandbox = Sandbox::new();
        let set = format!("model.attention.kind={kind}");
        sandbox.train(&["--set", &set]);
        let records = sandbox.metrics(RUN);
        let losses: Vec<f64> = records
            .iter()
            .filter_map(|record| record["loss"].as_f64())
            .collect();
        assert!(losses.iter().all(|loss| loss.is_finite()), "{kind}");
        let (first, last) = (losses[0], losses[losses.len() - 1]);
        assert!(last < first, "{kind}: {first} to {last}");

        let file = sandbox.path("weights.json");
        let weights = ["--attention", file.to_str().unwrap()];
        let found = translate(&sandbox, &weights, SENTENCES);
        assert_eq!(found.out.lines().count(), 2, "{kind}");
        assert!(!sandbox.bytes("weights.json").is_empty());
    }
}

#[test]
fn coverage_is_a_feature_and_a_loss() {
    for (kind, feature) in [
        ("bahdanau", "true"),
        ("luong-concat", "true"),
        ("bahdanau", "false"),
    ] {
        let sandbox = Sandbox::new();
        let kind = format!("model.attention.kind={kind}");
        let feature = format!("model.attention.coverage={feature}");
        sandbox.train(&[
            "--set",
            &kind,
            "--set",
            &feature,
            "--set",
            "train.coverage_loss=1.0",
        ]);
        assert!(
            sandbox
                .text(Path::new(RUN).join("config.toml"))
                .contains("coverage_loss = 1.0")
        );
        let found = translate(&sandbox, &[], SENTENCES);
        assert_eq!(found.out.lines().count(), 2);
    }
}

#[test]
fn what_is_beyond_the_longest_source_is_cut_and_said() {
    let sandbox = Sandbox::new();
    let set = [
        "--set",
        "model.attention.kind=tanh-pool",
        "--set",
        "model.attention.max_source_length=4",
    ];
    let outcome = sandbox.train(&set);
    assert!(outcome.err.contains("4 source or"), "{outcome:#?}");
    let long = "Tom likes the red tea and the rice .\n";
    let short = "Tom likes the red\n";
    let found = translate(&sandbox, &[], &format!("{long}{short}"));
    let lines: Vec<&str> = found.out.lines().collect();
    assert_eq!(lines[0], lines[1], "what is beyond does not count");
}
