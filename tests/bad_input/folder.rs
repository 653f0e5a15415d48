//! Run folders.

use super::*;

#[test]
fn a_run_is_never_overwritten_unasked() {
    let sandbox = Sandbox::trained();
    refused(
        &sandbox,
        &[],
        &[
            "`run` already holds a run",
            "--resume",
            "--overwrite",
            "--run-dir",
        ],
    );
}

#[test]
fn a_mistake_beside_overwrite_leaves_the_old_run() {
    let sandbox = Sandbox::trained();
    refused(
        &sandbox,
        &["--overwrite", "--set", "data.max_length=1"],
        &["data.max_length"],
    );
    refused(
        &sandbox,
        &["--overwrite", "--set", "data.train=none.tsv"],
        &["no such file"],
    );
    sandbox.train(&["--overwrite", "--max-steps", "3"]);
    let left = fs::read_dir(sandbox.path("run/checkpoints"))
        .unwrap()
        .count();
    assert_eq!(left, 3, "3, best and last");
}

#[test]
fn resuming_with_other_settings_is_refused() {
    let sandbox = Sandbox::trained();
    for (set, named) in [
        ("model.hidden_size=14", "`model.hidden_size` was"),
        ("seed=8", "`seed` was 7 and is 8"),
        ("tokenizer.target.kind=word", "`tokenizer.target.kind` was"),
        (
            "optimizer.beta1=0.5",
            "`optimizer.beta1` was 0.9 and is 0.5",
        ),
        ("train.pad_multiple=4", "`train.pad_multiple` was"),
        (
            "valid.criterion=bleu",
            "`valid.criterion` was \"loss\" and is \"bleu\"",
        ),
        ("valid.every_steps=3", "`valid.every_steps` was 8 and is 3"),
    ] {
        let words = [
            "made with other settings",
            named,
            "--overwrite",
            "These may change: ",
            "`train.max_epochs`",
        ];
        refused(&sandbox, &["--resume", "--set", set], &words);
    }
}

#[test]
fn a_change_may_be_allowed_and_is_said() {
    let sandbox = Sandbox::trained();
    let more = ["--resume", "--set", "train.max_epochs=5", "--set"];
    let outcome = sandbox.train(&[&more[..], &["optimizer.learning_rate=0.001"]].concat());
    let said = "note: `optimizer.learning_rate` was 0.01 and is 0.001";
    assert!(outcome.err.contains(said), "{outcome:#?}");
    let more = ["--resume", "--max-steps", "48", "--set"];
    let smoothing = ["train.label_smoothing=0.3", "--allow-changed"];
    let known = [&more[..], &smoothing, &["train.label_smoothing"]].concat();
    let outcome = sandbox.train(&known);
    assert!(
        outcome.err.contains("note: `train.label_smoothing` was"),
        "{outcome:#?}"
    );
    let mistyped = [&more[..], &smoothing, &["train.label_smooting"]].concat();
    refused(
        &sandbox,
        &mistyped,
        &["no key of a config", "`train.label_smoothing`"],
    );
}

#[test]
fn changed_text_is_refused_unless_it_is_allowed() {
    let sandbox = Sandbox::trained();
    let text = sandbox.text("train.tsv");
    sandbox.write("train.tsv", format!("{text}I eat .\t我 吃 。\n"));
    let more = ["--resume", "--max-steps", "48"];
    refused(
        &sandbox,
        &more,
        &["`data.train` (train.tsv)", "--allow-changed-data"],
    );
    let outcome = sandbox.train(&[&more[..], &["--allow-changed-data"]].concat());
    assert!(
        outcome
            .err
            .contains("note: `data.train` (train.tsv) has changed"),
        "{outcome:#?}"
    );
}

#[test]
fn another_validation_set_forgets_the_best() {
    let sandbox = Sandbox::trained();
    let text = sandbox.text("valid.tsv");
    let first = text.lines().next().unwrap();
    sandbox.write("valid.tsv", format!("{first}\n"));
    let more = [
        "--resume",
        "--set",
        "train.max_epochs=5",
        "--allow-changed-data",
    ];
    let outcome = sandbox.train(&more);
    assert!(
        outcome.err.contains("the best is forgotten"),
        "{outcome:#?}"
    );
    assert!(outcome.err.contains("* step 48"), "{outcome:#?}");
}

#[test]
fn what_weights_depend_on_cannot_be_allowed() {
    let sandbox = Sandbox::trained();
    let more = [
        "--resume",
        "--max-steps",
        "48",
        "--allow-changed",
        "model",
        "--set",
    ];
    let words = ["`model.hidden_size` was 12 and is 14"];
    refused(
        &sandbox,
        &[&more[..], &["model.hidden_size=14"]].concat(),
        &words,
    );
    sandbox.train(&[&more[..], &["model.dropout=0.2"]].concat());
}

#[test]
fn a_missing_mark_of_the_best_is_made_again() {
    let sandbox = Sandbox::trained();
    let best = fs::read_link(sandbox.path("run/checkpoints/best")).unwrap();
    fs::remove_file(sandbox.path("run/checkpoints/best")).unwrap();
    sandbox.train(&["--resume"]);
    assert_eq!(
        fs::read_link(sandbox.path("run/checkpoints/best")).unwrap(),
        best
    );
}

#[test]
fn a_slip_in_the_name_of_a_run_is_noticed() {
    let sandbox = Sandbox::new();
    sandbox.train_in("english", &["--max-steps", "2"]);
    let outcome = sandbox.training("engilsh", &["--resume"]).output().unwrap();
    let error = String::from_utf8(outcome.stderr).unwrap();
    assert_eq!(outcome.status.code(), Some(2), "{error}");
    assert!(error.contains("did you mean `english`"), "{error}");
    // Where no run has such a name, a new one begins, and that is said.
    let outcome = sandbox.train_in("another", &["--resume", "--max-steps", "2"]);
    assert!(
        outcome.err.contains("there is no run in another yet"),
        "{outcome:#?}"
    );
}

#[test]
fn a_removal_that_was_cut_short_is_finished() {
    let sandbox = Sandbox::trained();
    // As a process leaves it that is killed in the middle of `--overwrite`.
    sandbox.write("run/overwriting", "");
    fs::remove_dir_all(sandbox.path("run/checkpoints/40")).unwrap();
    sandbox.write("run/tokenizer.source.json", "{}");
    let outcome = sandbox.train(&["--resume"]);
    assert!(outcome.err.contains("is finished"), "{outcome:#?}");
    assert!(!outcome.err.contains("going on"), "{outcome:#?}");
    assert!(sandbox.last(RUN) == Sandbox::trained().last(RUN));
    assert!(!sandbox.path("run/overwriting").exists());
}

#[test]
fn a_folder_of_something_else_is_left_alone() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path(RUN)).unwrap();
    sandbox.write("run/thesis.txt", "years of work");
    for more in [&[][..], &["--overwrite"], &["--resume"]] {
        refused(
            &sandbox,
            more,
            &["`run` is not empty", "no run of this program"],
        );
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let sandbox = Sandbox::new();
    let before = sandbox.snapshot();
    for place in ["valid.tsv", "valid.tsv/run"] {
        let outcome = finish(&mut sandbox.training(place, &[]), b"");
        outcome.assert_refused(&["cannot write the run folder", place]);
    }
    if Path::new("/proc/self").exists() {
        let outcome = finish(&mut sandbox.training("/proc/run", &[]), b"");
        outcome.assert_refused(&["cannot write the run folder", "/proc/run"]);
    }
    assert_unchanged(&sandbox, &before);
}

#[test]
fn a_folder_in_use_is_refused_until_its_process_ends() {
    let sandbox = Sandbox::new();
    let endless = ["--set", "train.max_epochs=0", "--max-steps", "100000000"];
    let mut first = sandbox.start(RUN, &endless);
    while !sandbox.path("run/checkpoints/last").exists() {
        assert_eq!(first.try_wait().unwrap(), None);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let holder = format!("process {}", first.id());
    for more in [["--resume"], ["--overwrite"]] {
        let outcome = finish(&mut sandbox.training(RUN, &more), b"");
        outcome.assert_refused(&["`run` is in use", &holder, "--run-dir"]);
    }
    assert_eq!(first.try_wait().unwrap(), None, "the first was disturbed");
    first.kill().unwrap();
    first.wait().unwrap();
    sandbox.train(&["--overwrite", "--max-steps", "2"]);
}
