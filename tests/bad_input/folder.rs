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
        ("model.hidden_size=14", "model"),
        ("seed=8", "seed"),
        ("tokenizer.target.kind=word", "tokenizer"),
        ("optimizer.learning_rate=0.1", "optimizer"),
    ] {
        let words = ["made with other settings", named, "--overwrite"];
        refused(&sandbox, &["--resume", "--set", set], &words);
    }
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
