//! Training and the run folder.

use super::*;

#[test]
fn a_run_leaves_everything_in_its_folder_and_learns() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.train(&[
        "--json",
        "--set",
        "data.test=train.tsv",
        "--set",
        "data.unseen=valid.tsv",
    ]);
    let report = outcome.json();
    assert_eq!(outcome.out.lines().count(), 1, "{outcome:#?}");
    assert_eq!(
        (&report["run_dir"], &report["backend"]),
        (&RUN.into(), &"cpu".into())
    );
    assert_eq!(
        (number(&report, "steps"), number(&report, "epochs")),
        (40.0, 4.0)
    );
    assert!(number(&report, "train_seconds") > 0.0);
    assert!(number(&report["valid"], "loss") < 2.5);
    for (set, count) in [("test", 40), ("unseen", 3)] {
        for key in ["bleu", "chrf"] {
            assert!(
                (0.0..=100.0).contains(&number(&report[set], key)),
                "{report}"
            );
        }
        assert_eq!(report[set]["sentences"], count);
        let signature = report[set]["signature"].as_str().unwrap();
        assert!(signature.contains("tok:zh"), "{signature}");
    }
    let run = Path::new(RUN);
    for name in [
        "config.toml",
        "tokenizer.source.json",
        "tokenizer.target.json",
        "metrics.jsonl",
        "log.txt",
    ] {
        assert!(!sandbox.bytes(run.join(name)).is_empty(), "{name}");
    }
    let records = sandbox.metrics(RUN);
    let loss = |record: &Value| number(record, "loss");
    assert_eq!((records.len(), records[0]["step"].as_u64()), (45, Some(1)));
    assert!(loss(&records[43]) < 0.9 * loss(&records[0]));
    for word in [
        "source ",
        "reference ",
        "hypothesis ",
        "(new best)",
        "read 40 pairs",
        "vocabular",
    ] {
        assert!(outcome.err.contains(word), "no `{word}` in {outcome:#?}");
    }
    assert!(sandbox.text(run.join("log.txt")).contains("hypothesis"));
}

#[test]
fn best_and_last_point_at_steps_and_only_some_are_kept() {
    let sandbox = Sandbox::new();
    let names = |run: &str| -> Vec<String> {
        let folder = fs::read_dir(sandbox.path(run).join("checkpoints")).unwrap();
        let mut names: Vec<String> = folder
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let points_at = |run: &str, name: &str| {
        let path = sandbox.path(run).join("checkpoints").join(name);
        assert!(path.join("model.safetensors").is_file());
        fs::read_link(path)
            .unwrap()
            .into_os_string()
            .into_string()
            .unwrap()
    };
    sandbox.train(&["--set", "checkpoint.keep=2"]);
    assert_eq!(names(RUN), ["32", "40", "best", "last"]);
    assert_eq!(
        (points_at(RUN, "best"), points_at(RUN, "last")),
        ("40".into(), "40".into())
    );
    // A run that stands still: its first validation stays the best.
    let still = [
        "--set",
        "optimizer.learning_rate=1e-12",
        "--set",
        "valid.criterion=chrf",
        "--set",
        "checkpoint.keep=1",
    ];
    sandbox.train_in("still", &still);
    assert_eq!(names("still"), ["40", "8", "best", "last"]);
    assert_eq!(
        (points_at("still", "best"), points_at("still", "last")),
        ("8".into(), "40".into())
    );
    // However short a run, it is validated and saved at its end.
    sandbox.train_in("short", &["--max-steps", "3"]);
    assert_eq!(names("short"), ["3", "best", "last"]);
    let records = sandbox.metrics("short");
    assert_eq!(records.last().unwrap()["kind"], "valid");
}

#[test]
fn quiet_says_nothing_and_json_is_one_line() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.train(&["--quiet"]);
    assert_eq!((outcome.out.as_str(), outcome.err.as_str()), ("", ""));
    let outcome = sandbox.train(&["--quiet", "--json", "--overwrite"]);
    assert_eq!((outcome.out.lines().count(), outcome.err.as_str()), (1, ""));
    assert_eq!(outcome.json()["steps"], 40);
    // A notice is no error.
    let outcome = sandbox.train(&[
        "--quiet",
        "--overwrite",
        "--max-steps",
        "1",
        "--set",
        "model.encoder.kind=gru",
    ]);
    assert_eq!((outcome.out.as_str(), outcome.err.as_str()), ("", ""));
}

#[test]
fn the_run_folder_is_named_after_the_config_unless_given() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["train", "--config", "tiny.toml", "--max-steps", "1"])
        .assert_done();
    assert!(sandbox.path("runs/tiny/checkpoints/1").is_dir());
}

#[test]
fn resuming_a_finished_run_says_so_and_repeats_its_report() {
    let sandbox = Sandbox::new();
    let more = ["--json", "--set", "data.test=valid.tsv"];
    let first = sandbox.train(&more).json();
    let again = sandbox.train(&[&more[..], &["--resume"]].concat());
    assert!(
        again.err.contains("is finished after 40 steps"),
        "{again:#?}"
    );
    assert_eq!(again.json(), first);
    // Killed between its last update and its report, a run still owes its scores.
    fs::remove_file(sandbox.path("run/report.json")).unwrap();
    let mended = sandbox.train(&[&more[..], &["--resume"]].concat());
    assert_eq!(mended.json(), first);
}

#[test]
fn early_stopping_ends_a_run_that_does_not_improve() {
    let sandbox = Sandbox::new();
    let still = [
        "--set",
        "optimizer.learning_rate=1e-12",
        "--set",
        "valid.criterion=chrf",
    ];
    let patient = ["--set", "valid.patience=2", "--json"];
    let report = sandbox.train(&[&still[..], &patient].concat()).json();
    assert_eq!(report["steps"], 24);
    assert_eq!(report["best_step"], 8);
}

/// A rate that explodes is skipped, gone back from and at last given up, with the parameter that was the first; what the
/// message advises is possible then.
#[test]
fn a_loss_that_is_no_number_ends_with_a_diagnosis_and_can_be_mended() {
    let sandbox = Sandbox::new();
    let wild = [
        "--set",
        "train.clip_norm=0",
        "--set",
        "train.max_skipped=2",
        "--set",
        "valid.every_steps=20",
        "--set",
        // So that checkpoints are saved on the way up.
        "checkpoint.every_steps=1",
    ];
    let rate = ["--set", "optimizer.learning_rate=1e37"];
    let mut command = sandbox.training(RUN, &[&wild[..], &rate].concat());
    let outcome = finish(&mut command, b"");
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    for said in [
        "an update is skipped",
        "times the learning rate",
        "lower `optimizer.learning_rate`",
    ] {
        assert!(outcome.err.contains(said), "{said}: {outcome:#?}");
    }
    assert!(!outcome.err.contains("NaN (new best)"), "{outcome:#?}");
    let outcome = sandbox.train(&[&wild[..], &["--resume"]].concat());
    assert!(
        outcome.err.contains("note: `optimizer.learning_rate` was"),
        "{outcome:#?}"
    );
}

#[test]
fn an_epsilon_that_is_zero_in_single_precision_is_refused() {
    let sandbox = Sandbox::new();
    let more = ["--set", "optimizer.epsilon=1e-300"];
    let outcome = finish(&mut sandbox.training(RUN, &more), b"");
    outcome.assert_error(2, &["optimizer.epsilon", "1e-300", "at least"]);
}
