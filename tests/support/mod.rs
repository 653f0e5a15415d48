//! What the tests of the command line share: a folder of their own with a tiny corpus and a tiny
//! config, and what a command said.

#![allow(dead_code)] // Each test program uses a part of it.

pub mod images;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// The run folder of [`Sandbox::train`].
pub const RUN: &str = "run";

const SUBJECTS: [(&str, &str); 5] = [
    ("I", "我"),
    ("you", "你"),
    ("he", "他"),
    ("we", "我们"),
    ("Tom", "汤姆"),
];
const VERBS: [(&str, &str); 4] = [
    ("eat", "吃"),
    ("buy", "买"),
    ("see", "看"),
    ("like", "喜欢"),
];
const OBJECTS: [(&str, &str); 2] = [("rice", "米饭"), ("tea", "茶")];

/// Forty updates of a tiny model: ten batches an epoch, a validation every eight updates.
pub const CONFIG: &str = r#"
name = "tiny"
seed = 7

[data]
train = "train.tsv"
valid = "valid.tsv"

[tokenizer.source]
kind = "word"
vocab_size = 50

[tokenizer.target]
kind = "char"
vocab_size = 50

[model]
embedding_size = 8
hidden_size = 12
dropout = 0.1

[train]
backend = "cpu"
batch_size = 4
max_epochs = 4
log_every = 1

[optimizer]
learning_rate = 1e-2

[valid]
every_steps = 8
criterion = "loss"
"#;

/// A folder with `train.tsv`, `valid.tsv` and `tiny.toml`, in which commands are run.
pub struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    /// A new one.
    pub fn new() -> Self {
        let sandbox = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let pairs = pairs();
        sandbox.write("train.tsv", tsv(&pairs));
        sandbox.write(
            "valid.tsv",
            tsv(&[&pairs[1], &pairs[20], &pairs[39]].map(Clone::clone)),
        );
        sandbox.write("tiny.toml", CONFIG);
        sandbox
    }

    /// A new one in which a run has been trained to its end.
    pub fn trained() -> Self {
        let sandbox = Self::new();
        sandbox.train(&[]);
        sandbox
    }

    /// A path in it.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file in it.
    pub fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// The bytes of a file in it.
    pub fn bytes(&self, name: impl AsRef<Path>) -> Vec<u8> {
        let path = self.path(name);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The text of a file in it.
    pub fn text(&self, name: impl AsRef<Path>) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    /// Everything in it: paths, and what the files hold.
    pub fn snapshot(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let kind = fs::symlink_metadata(&path).unwrap();
                let content = match kind.is_file() {
                    true => fs::read(&path).unwrap(),
                    false => Vec::new(),
                };
                if kind.is_dir() {
                    folders.push(path.clone());
                }
                found.insert(path, content);
            }
        }
        found
    }

    /// The program, to be run here.
    pub fn attune<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attune"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            // Whatever a user has set there, no backtrace is to be seen.
            .env("RUST_BACKTRACE", "1");
        command
    }

    /// Runs the program to its end, with nothing on standard input.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Outcome {
        finish(&mut self.attune(arguments), b"")
    }

    /// Runs the program with `input` on standard input.
    pub fn pipe<S: AsRef<OsStr>>(&self, arguments: &[S], input: impl AsRef<[u8]>) -> Outcome {
        finish(&mut self.attune(arguments), input.as_ref())
    }

    /// The command line that trains the tiny model in `run`, and `more`.
    pub fn training(&self, run: &str, more: &[&str]) -> Command {
        let mut command = self.attune(&["--config", "tiny.toml", "--run-dir", run]);
        command.args(more);
        command
    }

    /// Trains in [`RUN`]; must succeed.
    pub fn train(&self, more: &[&str]) -> Outcome {
        self.train_in(RUN, more)
    }

    /// Trains in `run`; must succeed.
    pub fn train_in(&self, run: &str, more: &[&str]) -> Outcome {
        let outcome = finish(&mut self.training(run, more), b"");
        outcome.assert_done();
        outcome
    }

    /// Starts a training that goes on beside the test.
    pub fn start(&self, run: &str, more: &[&str]) -> Child {
        let mut command = self.training(run, more);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// The tensors of a run's last checkpoint: the model's file and the optimiser's.
    pub fn last(&self, run: &str) -> [Vec<u8>; 2] {
        self.checkpoint(run, "last")
    }

    /// The tensors of a run's checkpoint.
    pub fn checkpoint(&self, run: &str, which: &str) -> [Vec<u8>; 2] {
        let folder = self.path(run).join("checkpoints").join(which);
        ["model", "optimizer"].map(|name| self.bytes(folder.join(format!("{name}.safetensors"))))
    }

    /// The records of `metrics.jsonl`.
    pub fn metrics(&self, run: &str) -> Vec<serde_json::Value> {
        let text = self.text(Path::new(run).join("metrics.jsonl"));
        text.lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect()
    }
}

/// Runs a command with `input` on standard input.
pub fn finish(command: &mut Command, input: &[u8]) -> Outcome {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        // A program that does not read to the end is no fault of the writer.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Outcome::from(output)
}

/// How a command ended and what it said.
#[derive(Debug)]
pub struct Outcome {
    /// The exit code; none after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Outcome {
    /// It ended well.
    pub fn assert_done(&self) {
        assert_eq!(self.code, Some(0), "{self:#?}");
    }

    /// It ended with `code`, and its last words hold all of `words`.
    pub fn assert_error_at_end(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:#?}");
        let last = self.err.lines().last().unwrap_or_default();
        for word in words {
            assert!(
                last.contains(word),
                "no `{word}` in the last line: {self:#?}"
            );
        }
    }

    /// It ended with `code` and a message of one screen that holds all of `words`.
    pub fn assert_error(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:#?}");
        let lines: Vec<&str> = self.err.lines().collect();
        assert!(
            !lines.is_empty() && lines.len() < 25,
            "not one screen: {self:#?}"
        );
        assert!(
            lines.iter().all(|line| line.chars().count() < 500),
            "a line that fills the screen: {self:#?}"
        );
        for word in [
            "panicked",
            "internal error",
            "backtrace",
            "RUST_BACKTRACE",
            "unwrap",
        ] {
            assert!(!self.err.contains(word), "`{word}` in {self:#?}");
        }
        for word in words {
            assert!(self.err.contains(word), "no `{word}` in {self:#?}");
        }
    }

    /// The user was told what to change: exit code 2, nothing on standard output.
    pub fn assert_refused(&self, words: &[&str]) {
        self.assert_error(2, words);
        assert_eq!(self.out, "", "{self:#?}");
    }

    /// The JSON object on the last line of standard output.
    pub fn json(&self) -> serde_json::Value {
        self.assert_done();
        let last = self.out.lines().last().unwrap_or_default();
        let value: serde_json::Value =
            serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {self:#?}"));
        assert!(value.is_object(), "{self:#?}");
        value
    }
}

/// The forty pairs of the tiny corpus.
pub fn pairs() -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (subject, who) in SUBJECTS {
        for (verb, does) in VERBS {
            for (object, what) in OBJECTS {
                pairs.push((
                    format!("{subject} {verb} {object} ."),
                    format!("{who}{does}{what}。"),
                ));
            }
        }
    }
    pairs
}

/// Pairs as a TSV file.
pub fn tsv(pairs: &[(String, String)]) -> String {
    pairs
        .iter()
        .map(|(source, target)| format!("{source}\t{target}\n"))
        .collect()
}
