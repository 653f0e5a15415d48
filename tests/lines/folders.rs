//! Run folders: nothing of anyone's is destroyed, and a run that has travelled can be opened.

use std::fs;

use super::*;

#[test]
fn overwriting_takes_a_run_for_a_run_and_nothing_else() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.path("run/checkpoints/mine")).unwrap();
    sandbox.write("run/config.toml", "[other]\nprogram = true\n");
    sandbox.write("run/checkpoints/mine/weights", "years of work");
    let before = sandbox.snapshot();
    for more in [&[][..], &["--overwrite"], &["--resume"]] {
        let outcome = support::finish(&mut sandbox.training(RUN, more), b"");
        outcome.assert_refused(&["no run of this program"]);
    }
    assert!(sandbox.snapshot() == before);
}

#[test]
fn what_lies_among_the_checkpoints_of_a_run_stays() {
    let sandbox = Sandbox::trained();
    sandbox.write("run/checkpoints/notes.txt", "mine");
    sandbox.write("run/checkpoints/32/export.bin", "mine");
    sandbox.train(&["--overwrite", "--max-steps", "3"]);
    assert_eq!(sandbox.text("run/checkpoints/notes.txt"), "mine");
    assert_eq!(sandbox.text("run/checkpoints/32/export.bin"), "mine");
    assert!(!sandbox.path("run/checkpoints/40").exists());
}

#[cfg(unix)]
#[test]
fn checkpoints_may_lie_elsewhere() {
    let sandbox = Sandbox::trained();
    fs::rename(sandbox.path("run/checkpoints"), sandbox.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", sandbox.path("run/checkpoints")).unwrap();
    sandbox.train(&["--overwrite", "--max-steps", "3"]);
    assert!(
        fs::symlink_metadata(sandbox.path("run/checkpoints"))
            .unwrap()
            .is_symlink()
    );
    assert!(sandbox.path("elsewhere/3/model.safetensors").exists());
    translate(&sandbox, &[], "I eat rice .\n");
}

#[test]
fn the_same_corpus_may_go_by_another_name_and_not_be_read_otherwise() {
    let sandbox = trained("tiny", 30, &[]);
    let text = sandbox.text("train.tsv");
    sandbox.write("renamed.tsv", &text);
    let resume = |steps: &str, more: &[&str]| {
        let command = [
            "--config",
            "tiny.toml",
            "--run-dir",
            RUN,
            "--resume",
            "--max-steps",
            steps,
        ];
        sandbox.run(&[&command[..], more].concat())
    };
    resume("40", &["--set", "data.train=renamed.tsv"]).assert_done();
    for key in ["data.max_characters=1000", "data.one_sided=skip"] {
        let outcome = resume("50", &["--set", key]);
        let words = ["made with other settings", key.split_once('=').unwrap().0];
        outcome.assert_error(2, &words);
    }
    let columns = "data.columns=[\"target\", \"source\"]";
    let outcome = resume("50", &["--set", columns]);
    outcome.assert_error(2, &["made with other settings", "data.columns"]);
}

#[test]
fn a_run_whose_links_became_folders_translates() {
    let sandbox = Sandbox::trained();
    let expected = translate(&sandbox, &[], "I eat rice .\n").out;
    let checkpoints = sandbox.path("run/checkpoints");
    for name in ["best", "last"] {
        let step = fs::read_link(checkpoints.join(name)).unwrap();
        fs::remove_file(checkpoints.join(name)).unwrap();
        fs::create_dir(checkpoints.join(name)).unwrap();
        for entry in fs::read_dir(checkpoints.join(&step)).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), checkpoints.join(name).join(entry.file_name())).unwrap();
        }
    }
    assert_eq!(translate(&sandbox, &[], "I eat rice .\n").out, expected);
    // Only the copies are left.
    for entry in fs::read_dir(&checkpoints).unwrap() {
        let path = entry.unwrap().path();
        if path
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .parse::<u64>()
            .is_ok()
        {
            fs::remove_dir_all(path).unwrap();
        }
    }
    assert_eq!(translate(&sandbox, &[], "I eat rice .\n").out, expected);
}

#[test]
fn a_run_without_its_optimiser_translates() {
    let sandbox = Sandbox::trained();
    let expected = translate(&sandbox, &[], "I eat rice .\n").out;
    fs::remove_file(sandbox.path("run/checkpoints/best/optimizer.safetensors")).unwrap();
    assert_eq!(translate(&sandbox, &[], "I eat rice .\n").out, expected);
}

#[cfg(unix)]
#[test]
fn a_run_folder_that_is_moved_away_ends_the_training_as_a_failure() {
    let sandbox = Sandbox::new();
    let endless = ["--set", "train.max_epochs=0", "--max-steps", "100000000"];
    let mut training = sandbox.start(RUN, &endless);
    while !sandbox.path("run/checkpoints/last").exists() {
        assert_eq!(training.try_wait().unwrap(), None);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    fs::rename(sandbox.path(RUN), sandbox.path("moved")).unwrap();
    let outcome = Outcome::from(training.wait_with_output().unwrap());
    outcome.assert_error_at_end(1, &["was moved, removed or replaced"]);
    assert!(!sandbox.path(RUN).exists(), "nothing is made in its place");
}

#[test]
fn a_corpus_that_changed_under_a_run_is_refused() {
    let sandbox = trained("tiny", 60, &[]);
    let resume = [
        "--config",
        "tiny.toml",
        "--run-dir",
        RUN,
        "--max-steps",
        "90",
        "--resume",
    ];
    for name in ["train.tsv", "valid.tsv"] {
        let original = sandbox.text(name);
        let swapped: String = original
            .lines()
            .map(|line| line.split_once('\t').unwrap())
            .map(|(source, target)| format!("{target}\t{source}\n"))
            .collect();
        sandbox.write(name, swapped);
        let key = format!("data.{}", name.trim_end_matches(".tsv"));
        sandbox
            .run(&resume)
            .assert_error_at_end(2, &[&key, "has changed", "--overwrite"]);
        sandbox.write(name, original);
    }
    sandbox.run(&resume).assert_done();
}
