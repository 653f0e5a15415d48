//! Checkpoints and vocabularies.

use super::*;

/// Damages a file of the last checkpoint; whoever reads it must say so, and nobody else.
fn damaged(name: &str, damage: impl Fn(&mut Vec<u8>)) {
    let sandbox = Sandbox::trained();
    let path = format!("run/checkpoints/40/{name}");
    let mut bytes = sandbox.bytes(&path);
    damage(&mut bytes);
    sandbox.write(&path, &bytes);
    let before = sandbox.snapshot();
    let words = ["the checkpoint", name, "is damaged", "--checkpoint"];
    let evaluate = ["evaluate", "--run", RUN, "--checkpoint", "40", "--data"];
    let export = ["export", "--run", RUN, "--checkpoint", "last", "--format"];
    for command in [
        &["translate", "--run", RUN, "--checkpoint", "last"][..],
        &[&evaluate[..], &["valid.tsv"]].concat(),
        &[&export[..], &["safetensors", "--out", "/dev/null"]].concat(),
    ] {
        let outcome = sandbox.pipe(command, "I eat .\n");
        match name {
            // Only training needs what the optimiser remembers.
            "optimizer.safetensors" => outcome.assert_done(),
            _ => outcome.assert_refused(&words),
        }
    }
    assert_unchanged(&sandbox, &before);
    // Training goes on from the one before, says so, and ends in the same bytes.
    let outcome = sandbox.train(&["--resume"]);
    let said = ["warning: ", name, "40.damaged", "step 32 is used"];
    assert!(
        said.iter().all(|word| outcome.err.contains(word)),
        "{outcome:#?}"
    );
    assert!(sandbox.last(RUN) == Sandbox::trained().last(RUN));
    assert!(
        sandbox
            .path(format!("run/checkpoints/40.damaged/{name}"))
            .exists()
    );
}

/// A best checkpoint that is damaged is noticed when the run goes on, and another takes its place.
#[cfg(unix)]
#[test]
fn a_damaged_best_checkpoint_is_set_aside() {
    let sandbox = Sandbox::trained();
    let best = fs::read_link(sandbox.path("run/checkpoints/best")).unwrap();
    let other = if best == Path::new("32") { "24" } else { "32" };
    // The best is made another than the last.
    fs::remove_file(sandbox.path("run/checkpoints/best")).unwrap();
    std::os::unix::fs::symlink(other, sandbox.path("run/checkpoints/best")).unwrap();
    sandbox.write(format!("run/checkpoints/{other}/model.safetensors"), "");
    let outcome = sandbox.train(&["--resume", "--max-steps", "48"]);
    let aside = format!("{other}.damaged");
    assert!(outcome.err.contains(&aside), "{outcome:#?}");
    sandbox
        .pipe(&["translate", "--run", RUN], "I eat .\n")
        .assert_done();
    let again = sandbox.train(&["--resume", "--max-steps", "48"]);
    assert!(!again.err.contains("damaged"), "{again:#?}");
}

#[test]
fn a_flipped_bit_is_noticed() {
    damaged("model.safetensors", |bytes| *bytes.last_mut().unwrap() ^= 1);
    damaged("optimizer.safetensors", |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x40;
    });
    damaged("state.json", |bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        bytes[text.find("\"batches\": 40").unwrap() + 12] ^= 1;
    });
}

#[test]
fn a_cut_off_or_empty_file_is_noticed() {
    for name in ["model.safetensors", "optimizer.safetensors", "state.json"] {
        damaged(name, |bytes| bytes.truncate(bytes.len() - 3));
        damaged(name, |bytes| bytes.truncate(5));
        damaged(name, Vec::clear);
    }
}

#[test]
fn a_missing_file_is_noticed() {
    let sandbox = Sandbox::trained();
    fs::remove_file(sandbox.path("run/checkpoints/40/model.safetensors")).unwrap();
    let outcome = sandbox.pipe(
        &["translate", "--run", RUN, "--checkpoint", "last"],
        "I eat .\n",
    );
    outcome.assert_refused(&["model.safetensors", "is damaged"]);
}

#[test]
fn another_checkpoint_than_the_damaged_one_still_serves() {
    let sandbox = Sandbox::trained();
    sandbox.write("run/checkpoints/40/model.safetensors", "");
    let outcome = sandbox.pipe(
        &["translate", "--run", RUN, "--checkpoint", "32"],
        "I eat .\n",
    );
    outcome.assert_done();
    // As the message says: delete it, and go on from the one before.
    let whole = Sandbox::trained();
    fs::remove_dir_all(sandbox.path("run/checkpoints/40")).unwrap();
    sandbox.train(&["--resume"]);
    assert!(sandbox.last(RUN) == whole.last(RUN));
}

#[test]
fn a_step_that_was_not_kept_lists_those_that_were() {
    let sandbox = Sandbox::trained();
    let outcome = sandbox.pipe(
        &["translate", "--run", RUN, "--checkpoint", "7"],
        "I eat .\n",
    );
    outcome.assert_refused(&["no checkpoint `7`", "24, 32, 40"]);
    let outcome = sandbox.pipe(
        &["translate", "--run", RUN, "--checkpoint", "bets"],
        "I eat .\n",
    );
    outcome.assert_refused(&["`bets`", "best, last"]);
}

#[test]
fn the_vocabulary_of_another_run_is_refused() {
    let sandbox = Sandbox::trained();
    let reversed: Vec<_> = pairs()
        .iter()
        .map(|(source, target)| (format!("so {source}"), target.clone()))
        .collect();
    sandbox.write("other.tsv", tsv(&reversed));
    sandbox.train_in(
        "other",
        &["--set", "data.train=other.tsv", "--max-steps", "1"],
    );
    fs::copy(
        sandbox.path("other/tokenizer.source.json"),
        sandbox.path("run/tokenizer.source.json"),
    )
    .unwrap();
    let words = [
        "tokenizer.source.json",
        "belongs to another run",
        "checkpoints/",
    ];
    let outcome = sandbox.pipe(&["translate", "--run", RUN], "I eat .\n");
    outcome.assert_refused(&words);
    let outcome = sandbox.run(&["evaluate", "--run", RUN, "--data", "valid.tsv"]);
    outcome.assert_refused(&words);
    refused(&sandbox, &["--resume", "--max-steps", "50"], &words);
}

#[test]
fn a_damaged_vocabulary_is_named() {
    let sandbox = Sandbox::trained();
    sandbox.write("run/tokenizer.target.json", "{}");
    let outcome = sandbox.pipe(&["translate", "--run", RUN], "I eat .\n");
    outcome.assert_refused(&["tokenizer.target.json:1:", "not a tokenizer.json"]);
    fs::remove_file(sandbox.path("run/tokenizer.target.json")).unwrap();
    let outcome = sandbox.pipe(&["translate", "--run", RUN], "I eat .\n");
    outcome.assert_refused(&["tokenizer.target.json"]);
}

/// The limit on a file's size stands for a full disk: writing fails in the middle of a file.
#[cfg(unix)]
#[test]
fn a_full_disk_ends_the_run_and_keeps_what_was_saved() {
    let whole = Sandbox::trained();
    let sandbox = Sandbox::new();
    sandbox.train(&["--max-steps", "16"]);
    let before = sandbox.last(RUN);
    // The signal that comes with the limit is ignored, as it is on a disk that is really full.
    let script = "trap '' XFSZ; ulimit -f 20; exec \"$@\"";
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_attune")])
        .args([
            "--config",
            "tiny.toml",
            "--run-dir",
            RUN,
            "--resume",
            "--quiet",
        ])
        .current_dir(sandbox.path(""));
    let outcome = finish(&mut command, b"");
    outcome.assert_error(1, &["cannot write", "safetensors", "--resume"]);
    assert!(sandbox.last(RUN) == before);
    let hidden = fs::read_dir(sandbox.path("run/checkpoints")).unwrap();
    let names: Vec<_> = hidden.map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        names
            .iter()
            .all(|name| !name.to_string_lossy().contains("part")),
        "{names:?}"
    );
    sandbox.train(&["--resume"]);
    assert!(sandbox.last(RUN) == whole.last(RUN));
}
