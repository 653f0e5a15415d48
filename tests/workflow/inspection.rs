//! `config`, `devices`, `--version` and `--help`.

use super::*;

#[test]
fn a_printed_config_is_a_config_and_prints_itself() {
    let sandbox = Sandbox::new();
    let print = |file: &str, more: &[&str]| -> String {
        let outcome = sandbox.run(&[&["config", "--config", file, "--print"][..], more].concat());
        outcome.assert_done();
        outcome.out
    };
    let changed = [
        "--set",
        "model.attention.kind=luong-general",
        "--set",
        "schedule.kind=cosine",
        "--set",
        "schedule.decay_steps=9",
    ];
    for more in [&[][..], &changed] {
        sandbox.write("whole.toml", print("tiny.toml", more));
        assert_eq!(print("whole.toml", &[]), sandbox.text("whole.toml"));
        let (first, second) = (
            format!("first-{}", more.len()),
            format!("second-{}", more.len()),
        );
        sandbox.train_in(&first, &[more, &["--max-steps", "2"]].concat());
        let arguments = [
            "--config",
            "whole.toml",
            "--run-dir",
            &second,
            "--max-steps",
            "2",
        ];
        sandbox.run(&arguments).assert_done();
        assert!(sandbox.last(&first) == sandbox.last(&second));
    }
    sandbox
        .run(&["config", "--config", "tiny.toml"])
        .assert_done();
    let outcome = sandbox.run(&["config", "--config", "tiny.toml", "--set", "model.droput=0"]);
    outcome.assert_refused(&["did you mean `dropout`"]);
}

#[test]
fn a_runs_own_config_trains_the_same_run() {
    let sandbox = Sandbox::trained();
    let arguments = ["--config", "run/config.toml", "--run-dir", "again"];
    sandbox.run(&arguments).assert_done();
    assert!(sandbox.last("again") == sandbox.last(RUN));
}

#[test]
fn devices_are_listed_with_what_auto_picks() {
    let outcome = Sandbox::new().run(&["devices"]);
    outcome.assert_done();
    for word in [
        "compiled in",
        "cpu",
        "wgpu",
        "ndarray",
        "cuda",
        "this machine has",
        "auto picks: ",
    ] {
        assert!(outcome.out.contains(word), "{outcome:#?}");
    }
}

#[test]
fn version_and_help_name_the_program_and_its_commands() {
    let sandbox = Sandbox::new();
    let version = sandbox.run(&["--version"]);
    version.assert_done();
    assert_eq!(
        version.out,
        format!("attune {}\n", env!("CARGO_PKG_VERSION"))
    );
    let help = sandbox.run(&["--help"]);
    help.assert_done();
    for word in [
        "translate",
        "evaluate",
        "score",
        "export",
        "devices",
        "--config",
        "--resume",
        "--max-steps",
    ] {
        assert!(help.out.contains(word), "{help:#?}");
    }
}
