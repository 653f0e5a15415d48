//! Standard input, output and error as pipes.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::*;

/// Long enough for any machine: what is tested is that an answer comes at all.
const PATIENCE: Duration = Duration::from_secs(120);

fn start(sandbox: &Sandbox, more: &[&str]) -> Child {
    let mut command = sandbox.attune(&[&["translate", "--run", RUN][..], more].concat());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// The first `count` lines of an output, while the input is still open.
fn lines(output: impl Read + Send + 'static, count: usize) -> Vec<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            if sender.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
    let next = |_| receiver.recv_timeout(PATIENCE).expect("an answer");
    (0..count).map(next).collect()
}

#[test]
fn what_has_come_is_answered_when_nothing_more_is_waiting() {
    let sandbox = Sandbox::trained();
    for count in [1, 2, 3, 600, 1025] {
        let mut child = start(&sandbox, &["--beam", "1"]);
        let mut stdin = child.stdin.take().unwrap();
        stdin
            .write_all("I eat rice .\n".repeat(count).as_bytes())
            .unwrap();
        stdin.flush().unwrap();
        let answers = lines(child.stdout.take().unwrap(), count);
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        drop(stdin);
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn a_conversation_goes_on_line_by_line() {
    let sandbox = Sandbox::trained();
    let mut child = start(&sandbox, &[]);
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let whole = translate(&sandbox, &[], "I eat rice .\nyou buy tea .\n").out;
    for (asked, answer) in ["I eat rice .\n", "you buy tea .\n"]
        .iter()
        .zip(whole.lines())
    {
        stdin.write_all(asked.as_bytes()).unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line.trim_end(), answer);
    }
    // Half a line is no line yet, and keeps nothing that is whole waiting.
    stdin.write_all(b"I eat rice .\nyou buy").unwrap();
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line.trim_end(), whole.lines().next().unwrap());
    drop(stdin);
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest.lines().count(), 1);
    assert!(child.wait().unwrap().success());
}

#[cfg(unix)]
#[test]
fn nobody_reading_standard_error_costs_nothing() {
    let sandbox = Sandbox::trained();
    let input = "an unknown word\n".repeat(3);
    let expected = translate(&sandbox, &[], &input).out;
    for error in ["/dev/full", "closed"] {
        let mut command = sandbox.attune(&["translate", "--run", RUN, "--verbose"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        match error {
            "closed" => {
                let (reader, writer) = std::io::pipe().unwrap();
                drop(reader);
                command.stderr(writer);
            }
            device => {
                let device = std::fs::OpenOptions::new().write(true).open(device);
                command.stderr(device.unwrap());
            }
        }
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{error}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
}

#[test]
fn a_dash_is_standard_input_and_output() {
    let sandbox = Sandbox::trained();
    let expected = translate(&sandbox, &[], "I eat rice .\n").out;
    let dashes = ["--input", "-", "--output", "-"];
    assert_eq!(translate(&sandbox, &dashes, "I eat rice .\n").out, expected);
    assert!(!sandbox.path("-").exists());
    let corpus = sandbox.bytes("valid.tsv");
    for command in ["score", "evaluate"] {
        let from_file = sandbox.run(&[command, "--run", RUN, "--data", "valid.tsv", "--json"]);
        let from_pipe = sandbox.pipe(&[command, "--run", RUN, "--data", "-", "--json"], &corpus);
        assert_eq!(from_pipe.json(), from_file.json());
    }
    let attention = ["--output", "out.txt", "--attention", "-"];
    let drawn = translate(&sandbox, &attention, "I eat rice .\n").out;
    let drawn: serde_json::Value = serde_json::from_str(&drawn).unwrap();
    assert_eq!(drawn[0]["text"], expected.trim_end());
}
