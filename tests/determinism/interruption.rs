//! Runs that were killed or told to stop on their way.

use super::*;

/// Long enough for any signal to arrive on the way.
const STEPS: u64 = 400;

fn long() -> Vec<&'static str> {
    vec![
        "--set",
        "train.max_epochs=40",
        "--set",
        "valid.every_steps=150",
    ]
}

/// The updates on record so far.
fn progress(sandbox: &Sandbox, run: &str) -> u64 {
    let path = sandbox.path(run).join("metrics.jsonl");
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter(|line| line.contains("\"train\""))
        .count() as u64
}

/// Waits until so many updates are on record; false if the run ended before.
fn wait_for(sandbox: &Sandbox, run: &str, child: &mut Child, steps: u64) -> bool {
    loop {
        if progress(sandbox, run) >= steps {
            return true;
        }
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A different number each time.
fn chance(most: u64) -> u64 {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    u64::from(now.subsec_nanos()) / 1000 % most
}

/// Kills again and again, after up to `stride` updates each time, until the run is through.
/// Returns how often.
fn kill_until_done(sandbox: &Sandbox, more: &[&str], stride: u64) -> usize {
    let mut kills = 0;
    loop {
        let arguments = [more, if kills == 0 { &[] } else { &["--resume"] }].concat();
        let before = progress(sandbox, RUN);
        let mut child = sandbox.start(RUN, &arguments);
        if wait_for(
            sandbox,
            RUN,
            &mut child,
            before + stride / 4 + chance(stride / 2),
        ) {
            std::thread::sleep(Duration::from_micros(chance(3_000)));
        }
        // A process that has just ended cannot be killed, and needs not be.
        let _ = child.kill();
        let outcome = Outcome::from(child.wait_with_output().unwrap());
        if outcome.code.is_some() {
            outcome.assert_done();
            return kills;
        }
        kills += 1;
    }
}

#[test]
fn killed_at_any_moment_a_run_ends_in_the_same_bytes() {
    for (steps, saving) in [
        (STEPS, &["--set", "checkpoint.every_steps=7"][..]),
        // Nearly always in the middle of saving, with nothing older to fall back on.
        (
            80,
            &[
                "--max-steps",
                "80",
                "--set",
                "checkpoint.every_steps=1",
                "--set",
                "checkpoint.keep=1",
            ],
        ),
    ] {
        let sandbox = Sandbox::new();
        let more = [&long()[..], saving].concat();
        sandbox.train_in("whole", &more);
        let kills = kill_until_done(&sandbox, &more, steps / 2);
        assert!(kills >= 1, "never killed");
        assert_same(&sandbox, "whole", RUN);
        assert_complete(&sandbox, RUN, steps);
        let names = |run: &str| {
            let folder = fs::read_dir(sandbox.path(run).join("checkpoints")).unwrap();
            let mut names: Vec<_> = folder.map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        assert_eq!(names(RUN), names("whole"), "something was left behind");
    }
}

#[cfg(unix)]
fn signalled(name: &str, code: i32, word: &str) {
    let sandbox = Sandbox::new();
    sandbox.train_in("whole", &long());
    let mut child = sandbox.start(RUN, &long());
    assert!(wait_for(&sandbox, RUN, &mut child, 5));
    let id = child.id().to_string();
    let sent = Command::new("sh")
        .args(["-c", &format!("kill -s {name} {id}")])
        .status()
        .unwrap();
    assert!(sent.success());
    let outcome = Outcome::from(child.wait_with_output().unwrap());
    assert_eq!(outcome.code, Some(code), "{outcome:#?}");
    let last = steps(&sandbox, RUN, "train").pop().unwrap();
    assert!(last < STEPS, "too late: {last}");
    let said = format!("stopped by {word} after saving step {last}; go on with `--resume`");
    assert!(outcome.err.contains(&said), "{outcome:#?}");
    let pointer = fs::read_link(sandbox.path("run/checkpoints/last")).unwrap();
    assert_eq!(pointer.to_str().unwrap(), last.to_string());
    assert!(sandbox.path("run/checkpoints/best").exists());
    sandbox.train(&[&long()[..], &["--resume"]].concat());
    assert_same(&sandbox, "whole", RUN);
    assert_complete(&sandbox, RUN, STEPS);
}

#[cfg(unix)]
#[test]
fn ctrl_c_saves_and_the_run_goes_on_as_if_nothing_had_been() {
    signalled("INT", 130, "Ctrl-C");
}

#[cfg(unix)]
#[test]
fn sigterm_saves_and_the_run_goes_on_as_if_nothing_had_been() {
    signalled("TERM", 143, "SIGTERM");
}
