//! Training signals.

use super::*;

/// One number of every update's record.
fn of_updates(sandbox: &Sandbox, run: &str, key: &str) -> Vec<f64> {
    let records = sandbox.metrics(run);
    let of_updates = records.iter().filter(|record| record["kind"] == "train");
    of_updates.map(|record| number(record, key)).collect()
}

#[test]
fn guided_attention_learns_its_links_and_says_how_well() {
    let sandbox = Sandbox::new();
    // All subjects and objects are said in the one word of the target.
    sandbox.write("links", "0-0 2-0\n".repeat(40));
    let guided = [
        "--set",
        "data.alignments=links",
        "--set",
        "train.guided_alignment.weight=1",
    ];
    let outcome = sandbox.train(&guided);
    assert!(
        outcome.err.contains("read 80 links from links"),
        "{outcome:#?}"
    );
    let losses = of_updates(&sandbox, RUN, "alignment_loss");
    assert_eq!(losses.len(), 40);
    // Two links share the weight: ln 2 = 0.69 is the least.
    assert!(losses[39] < losses[0] - 0.1, "{losses:?}");
    assert!(losses.iter().all(|&loss| loss > 0.69), "{losses:?}");
    let record = &sandbox.metrics(RUN)[0];
    for key in ["teacher_forcing", "expected_risk"] {
        assert!(record[key].is_null(), "{record}");
    }
    // Links without a weight are not read, and that is said.
    let outcome = sandbox.train_in("other", &["--set", "data.alignments=none", "--max-steps=1"]);
    assert!(outcome.err.contains("none is not read"), "{outcome:#?}");
}

#[test]
fn a_built_in_corpus_brings_its_links() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.train_in(
        "other",
        &[
            "--set",
            "data.train=builtin:reverse:valid",
            "--set",
            "data.alignments=builtin:reverse:valid",
            "--set",
            "train.guided_alignment.weight=1",
            "--max-steps=2",
        ],
    );
    let read = " links from builtin:reverse:valid";
    assert!(outcome.err.contains(read), "{outcome:#?}");
    assert_eq!(of_updates(&sandbox, "other", "alignment_loss").len(), 2);
}

#[test]
fn scheduled_sampling_follows_its_schedule() {
    let sandbox = Sandbox::new();
    sandbox.train(&[
        "--set",
        "train.teacher_forcing.kind=linear",
        "--set",
        "train.teacher_forcing.c=0.03",
        "--set",
        "train.teacher_forcing.floor=0.1",
    ]);
    let ratios = of_updates(&sandbox, RUN, "teacher_forcing");
    for (updates, ratio) in ratios.iter().enumerate() {
        let expected = (1.0 - 0.03 * updates as f64).max(0.1);
        assert!((ratio - expected).abs() < 1e-9, "{ratios:?}");
    }
    let losses = of_updates(&sandbox, RUN, "loss");
    assert!(losses[39] < 0.9 * losses[0], "{losses:?}");
    // A ratio of one is teacher forcing, to the last bit.
    sandbox.train_in("plain", &["--max-steps=5"]);
    sandbox.train_in(
        "ratio",
        &["--max-steps=5", "--set", "train.teacher_forcing.ratio=1"],
    );
    assert!(sandbox.last("plain") == sandbox.last("ratio"));
}

#[test]
fn a_run_begins_where_another_ended_and_learns_by_risk() {
    let sandbox = Sandbox::trained();
    let start = ["--set", "train.start_from=run"];
    // Nearly no learning: the first validation is the other's last.
    let still = ["--set", "optimizer.learning_rate=1e-12", "--max-steps=1"];
    let last = ["--set", "train.start_checkpoint=last"];
    let outcome = sandbox.train_in("same", &[&start[..], &last, &still, &["--json"]].concat());
    assert!(
        outcome
            .err
            .contains("begins with the weights of run, step 40"),
        "{outcome:#?}"
    );
    let same = number(&outcome.json()["valid"], "loss");
    let records = sandbox.metrics(RUN);
    let valid = records.iter().rfind(|record| record["kind"] == "valid");
    assert!((same - number(valid.unwrap(), "loss")).abs() < 1e-4);
    assert_eq!(
        sandbox.text("run/tokenizer.source.json"),
        sandbox.text("same/tokenizer.source.json")
    );
    let risk = [
        "--set",
        "train.objective=minimum-risk",
        "--set",
        "train.minimum_risk.samples=8",
        "--set",
        "train.minimum_risk.alpha=0.5",
        "--set",
        "train.minimum_risk.reference=false",
    ];
    sandbox.train_in("risk", &[&start[..], &risk].concat());
    let risks = of_updates(&sandbox, "risk", "expected_risk");
    assert_eq!(risks.len(), 40);
    assert!(
        risks.iter().all(|risk| (0.0..=1.0).contains(risk)),
        "{risks:?}"
    );
    let mean = |risks: &[f64]| risks.iter().sum::<f64>() / risks.len() as f64;
    assert!(
        mean(&risks[30..]) < 0.9 * mean(&risks[..10]),
        "no less risk: {risks:?}"
    );
    // The loss is the risk itself.
    for (loss, risk) in of_updates(&sandbox, "risk", "loss").iter().zip(&risks) {
        assert!((loss - risk).abs() < 1e-9);
    }
}
