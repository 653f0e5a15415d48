//! Runs that were stopped at a step of their own choice.

use super::*;

#[test]
fn a_stop_at_an_epochs_end_or_in_its_middle_leaves_no_trace() {
    let sandbox = Sandbox::new();
    sandbox.train_in("whole", &[]);
    // Ten updates an epoch, a validation every eight: 20 and 30 end an epoch, 16 and 24 follow
    // a validation, 1 comes before any.
    for stops in [
        &["10"][..],
        &["20"],
        &["16"],
        &["1"],
        &["39"],
        &["3", "15", "24", "30"],
    ] {
        let run = format!("stopped-at-{}", stops.join("-"));
        for (place, stop) in stops.iter().enumerate() {
            let more = ["--max-steps", stop, "--resume"];
            let outcome = sandbox.train_in(&run, &more[..if place == 0 { 2 } else { 3 }]);
            assert!(
                outcome.err.contains(&format!("done: {stop} steps")),
                "{outcome:#?}"
            );
        }
        let outcome = sandbox.train_in(&run, &["--resume"]);
        let last = stops.last().unwrap();
        assert!(
            outcome
                .err
                .contains(&format!("going on after step {last}\n")),
            "{outcome:#?}"
        );
        assert_same(&sandbox, "whole", &run);
        assert_complete(&sandbox, &run, 40);
    }
}

#[test]
fn a_stop_by_epochs_leaves_no_trace() {
    let sandbox = Sandbox::new();
    sandbox.train_in("whole", &[]);
    for epochs in ["1", "2", "3"] {
        let set = format!("train.max_epochs={epochs}");
        sandbox.train(
            &[
                &["--set", &set][..],
                if epochs == "1" { &[] } else { &["--resume"] },
            ]
            .concat(),
        );
    }
    sandbox.train(&["--resume"]);
    assert_same(&sandbox, "whole", RUN);
    assert_complete(&sandbox, RUN, 40);
}

/// Rate and patience are remembered to the last bit: the rate falls twice on the way, by a
/// factor that is no round number.
#[test]
fn schedule_and_patience_are_remembered() {
    let sandbox = Sandbox::new();
    let falling = [
        "--set",
        "schedule.kind=plateau",
        "--set",
        "schedule.patience=0",
        "--set",
        "schedule.factor=0.3",
        "--set",
        "schedule.min_learning_rate=0",
        "--set",
        "schedule.warmup_steps=6",
        "--set",
        "valid.every_steps=2",
        "--set",
        "valid.criterion=bleu",
        "--set",
        "valid.patience=12",
    ];
    sandbox.train_in("whole", &falling);
    let rates = |run: &str| -> Vec<f64> {
        let records = sandbox.metrics(run);
        let of_updates = records.iter().filter(|record| record["kind"] == "train");
        of_updates
            .map(|record| record["learning_rate"].as_f64().unwrap())
            .collect()
    };
    let whole = rates("whole");
    assert!(
        whole.last() < whole.iter().max_by(|a, b| a.total_cmp(b)),
        "the rate never fell"
    );
    for stop in ["5", "10", "13", "22"] {
        let run = format!("stopped-at-{stop}");
        sandbox.train_in(&run, &[&falling[..], &["--max-steps", stop]].concat());
        sandbox.train_in(&run, &[&falling[..], &["--resume"]].concat());
        assert_eq!(rates(&run), whole);
        assert!(sandbox.last(&run) == sandbox.last("whole"));
    }
}

#[test]
fn a_finished_run_is_left_as_it_is() {
    let sandbox = Sandbox::trained();
    let before = sandbox.last(RUN);
    let outcome = sandbox.train(&["--resume", "--json"]);
    assert!(
        outcome.err.contains("is finished after 40 steps"),
        "{outcome:#?}"
    );
    assert_eq!(outcome.json()["steps"], 40);
    assert_eq!(outcome.json()["valid"]["step"], 40);
    assert!(sandbox.last(RUN) == before);
    assert_complete(&sandbox, RUN, 40);
}

#[test]
fn a_run_that_never_saved_begins_again() {
    let sandbox = Sandbox::trained();
    let before = sandbox.last(RUN);
    fs::remove_dir_all(sandbox.path("run/checkpoints")).unwrap();
    sandbox.train(&["--resume"]);
    assert!(sandbox.last(RUN) == before);
    assert_complete(&sandbox, RUN, 40);
}

/// A process that was killed while it wrote leaves half a record, or a mark that is not yet moved.
#[test]
fn what_a_killed_process_left_unfinished_is_mended() {
    let sandbox = Sandbox::new();
    // Nothing improves: the first validation stays the best.
    let still = [
        "--set",
        "optimizer.learning_rate=1e-12",
        "--set",
        "valid.criterion=chrf",
    ];
    sandbox.train_in("whole", &still);
    sandbox.train(&[&still[..], &["--max-steps", "16"]].concat());
    fs::remove_file(sandbox.path("run/checkpoints/best")).unwrap();
    let records = sandbox.text("run/metrics.jsonl");
    sandbox.write("run/metrics.jsonl", records + "{\"kind\":\"train\",\"st");
    sandbox.train(&[&still[..], &["--max-steps", "24", "--resume"]].concat());
    let best = fs::read_link(sandbox.path("run/checkpoints/best")).unwrap();
    assert_eq!(best.to_str(), Some("8"));
    sandbox.train(&[&still[..], &["--resume"]].concat());
    assert_same(&sandbox, "whole", RUN);
    assert_complete(&sandbox, RUN, 40);
}

/// A process that was killed before its first update leaves vocabularies, and no run.
#[test]
fn a_run_begins_with_vocabularies_of_its_own() {
    let sandbox = Sandbox::trained();
    sandbox.train_in("other", &["--set", "tokenizer.source.vocab_size=9"]);
    let own = sandbox.bytes("run/tokenizer.source.json");
    let left = sandbox.bytes("other/tokenizer.source.json");
    assert_ne!(own, left);
    fs::create_dir(sandbox.path("fresh")).unwrap();
    sandbox.write("fresh/tokenizer.source.json", left);
    sandbox.train_in("fresh", &[]);
    assert_eq!(sandbox.bytes("fresh/tokenizer.source.json"), own);
    assert_same(&sandbox, RUN, "fresh");
}
