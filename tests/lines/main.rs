//! Lines in, lines out: what people trip over, each as it happened, with the right outcome.
//!
//! `inputs` holds corpora and configs for it, made up for the purpose.

#[path = "../support/mod.rs"]
mod support;

mod folders;
mod library;
mod limits;
mod outputs;
mod pipes;
mod scores;
mod texts;

use std::path::Path;

use support::{Outcome, RUN, Sandbox};

/// Trains the model of a config of `inputs` in a folder of its own, for `steps` updates, with `more` keys set.
fn trained(name: &str, steps: u32, more: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    let inputs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/lines/inputs");
    for entry in std::fs::read_dir(inputs).unwrap() {
        let path = entry.unwrap().path();
        let content = std::fs::read(&path).unwrap();
        sandbox.write(path.file_name().unwrap(), content);
    }
    let (config, steps) = (format!("{name}.toml"), steps.to_string());
    let mut command = vec!["--config", &config, "--run-dir", RUN, "--max-steps", &steps];
    for key in more {
        command.extend(["--set", key]);
    }
    sandbox.run(&command).assert_done();
    sandbox
}

/// The sources and targets of a corpus of `inputs`.
fn columns(sandbox: &Sandbox, name: &str) -> (Vec<String>, Vec<String>) {
    let text = sandbox.text(name);
    let pairs = text.lines().map(|line| line.split_once('\t').unwrap());
    pairs
        .map(|(source, target)| (source.to_owned(), target.to_owned()))
        .unzip()
}

fn translate(sandbox: &Sandbox, more: &[&str], input: impl AsRef<[u8]>) -> Outcome {
    let outcome = sandbox.pipe(&[&["translate", "--run", RUN][..], more].concat(), input);
    outcome.assert_done();
    outcome
}

/// The share of sources that are translated as `name` says.
fn right(sandbox: &Sandbox, name: &str, more: &[&str]) -> f64 {
    let (sources, targets) = columns(sandbox, name);
    let out = translate(sandbox, more, sources.join("\n")).out;
    let found: Vec<&str> = out.lines().collect();
    assert_eq!(found.len(), targets.len());
    let right = found
        .iter()
        .zip(&targets)
        .filter(|(found, target)| *found == target);
    right.count() as f64 / targets.len() as f64
}
