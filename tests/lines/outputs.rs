//! What `--output`, `--out` and `--attention` write to.

use super::*;

#[test]
fn a_mistake_in_the_output_shows_before_the_work() {
    let sandbox = Sandbox::trained();
    for more in [
        ["--output", "no/x"],
        ["--output", "."],
        ["--attention", "no/x.json"],
    ] {
        let arguments = [&["translate", "--run", RUN][..], &more].concat();
        // Standard input stays open and empty: a program that reads first would wait.
        let outcome = sandbox.pipe(&arguments, "I eat rice .\n");
        outcome.assert_refused(&["cannot write", more[1]]);
    }
}

#[test]
fn what_was_done_before_a_failure_is_kept() {
    let sandbox = Sandbox::trained();
    let mut input = "I eat rice .\n".repeat(600).into_bytes();
    input.extend(b"caf\xe9\n");
    sandbox.write("in.txt", input);
    let files = ["--input", "in.txt", "--output", "out.txt", "--beam", "1"];
    let outcome = sandbox.run(&[&["translate", "--run", RUN][..], &files].concat());
    outcome.assert_error(2, &["in.txt:601"]);
    assert_eq!(sandbox.text("out.txt").lines().count(), 600);
    let piped = sandbox.pipe(&["translate", "--run", RUN], b"I eat rice .\ncaf\xe9\n");
    assert_eq!((piped.code, piped.out.lines().count()), (Some(2), 1));
}

#[test]
fn a_file_that_is_read_is_not_written() {
    let sandbox = Sandbox::trained();
    sandbox.write("text", "I eat rice .\n");
    sandbox.write("phrases", "我\n");
    sandbox.write("words.tsv", "rice\tReis\n");
    let before = sandbox.snapshot();
    let translate = ["translate", "--run", RUN];
    let evaluate = ["evaluate", "--run", RUN, "--data", "valid.tsv"];
    let export = ["export", "--run", RUN, "--format", "safetensors"];
    for command in [
        [&translate[..], &["--input", "text", "--output", "text"]].concat(),
        [
            &translate[..],
            &["--prefix", "phrases", "--output", "phrases"],
        ]
        .concat(),
        [
            &translate[..],
            &["--must-not-contain", "phrases", "--output", "phrases"],
        ]
        .concat(),
        [
            &translate[..],
            &["--replace-unknown", "words.tsv", "--output", "words.tsv"],
        ]
        .concat(),
        [&translate[..], &["--output", "run/config.toml"]].concat(),
        [&evaluate[..], &["--output", "valid.tsv"]].concat(),
        [
            &export[..],
            &["--out", "run/checkpoints/40/model.safetensors"],
        ]
        .concat(),
    ] {
        let outcome = sandbox.pipe(&command, "I eat rice .\n");
        outcome.assert_refused(&["read and written at once"]);
        assert!(sandbox.snapshot() == before, "{command:?}");
    }
    let both = ["--output", "new.json", "--attention", "new.json"];
    let outcome = sandbox.pipe(&[&translate[..], &both].concat(), "I eat rice .\n");
    outcome.assert_refused(&["read and written at once"]);
    let mixed = sandbox.pipe(
        &[&translate[..], &["--attention", "-"]].concat(),
        "I eat rice .\n",
    );
    mixed.assert_refused(&["standard output"]);
}

#[cfg(unix)]
#[test]
fn standard_input_is_an_input_too() {
    let sandbox = Sandbox::trained();
    sandbox.write("text", "I eat rice .\n");
    let mut command = sandbox.attune(&["translate", "--run", RUN, "--output", "text"]);
    command.stdin(std::fs::File::open(sandbox.path("text")).unwrap());
    let outcome = Outcome::from(command.output().unwrap());
    outcome.assert_refused(&["read and written at once"]);
    assert_eq!(sandbox.text("text"), "I eat rice .\n");
}

#[cfg(unix)]
#[test]
fn links_modes_and_other_files_stay_as_they_are() {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    let sandbox = Sandbox::trained();
    for (command, option) in [
        (&["translate", "--run", RUN][..], "--output"),
        (&["translate", "--run", RUN], "--attention"),
        (
            &["export", "--run", RUN, "--format", "safetensors"],
            "--out",
        ),
        (&["export", "--run", RUN, "--format", "burnpack"], "--out"),
        (
            &["evaluate", "--run", RUN, "--data", "valid.tsv"],
            "--output",
        ),
    ] {
        sandbox.write("real.json", "old");
        sandbox.write("real.json.part", "a stranger's");
        fs::set_permissions(sandbox.path("real.json"), fs::Permissions::from_mode(0o600)).unwrap();
        symlink("real.json", sandbox.path("link.json")).unwrap();
        let outcome = sandbox.pipe(
            &[command, &[option, "link.json"]].concat(),
            "I eat rice .\n",
        );
        outcome.assert_done();
        let link = fs::symlink_metadata(sandbox.path("link.json")).unwrap();
        assert!(link.is_symlink(), "{command:?}");
        assert_ne!(sandbox.bytes("real.json"), b"old", "{command:?}");
        let mode = fs::metadata(sandbox.path("real.json"))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600, "{command:?}");
        assert_eq!(sandbox.text("real.json.part"), "a stranger's");
        fs::remove_file(sandbox.path("link.json")).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn devices_and_pipes_are_written_through() {
    use std::fs;
    let sandbox = Sandbox::trained();
    let made = std::process::Command::new("mkfifo")
        .arg(sandbox.path("pipe"))
        .status();
    assert!(made.unwrap().success());
    let expected = translate(&sandbox, &[], "I eat rice .\n").out;
    let path = sandbox.path("pipe");
    let reader = std::thread::spawn(move || fs::read_to_string(path).unwrap());
    translate(&sandbox, &["--output", "pipe"], "I eat rice .\n");
    assert_eq!(reader.join().unwrap(), expected);
    translate(&sandbox, &["--output", "/dev/null"], "I eat rice .\n");
    let full = ["translate", "--run", RUN, "--output", "/dev/full"];
    let outcome = sandbox.pipe(&full, "I eat rice .\n");
    outcome.assert_error(1, &["/dev/full"]);
    for device in ["/dev/null", "/dev/full"] {
        assert!(!fs::metadata(device).unwrap().is_file(), "{device}");
    }
}
