//! From a corpus to translations and scores, as the command line does it.

#[path = "../support/mod.rs"]
mod support;

mod attention;
mod averages;
mod corpora;
mod decoding;
mod images;
mod inspection;
mod layers;
mod scoring;
mod shared;
mod signals;
mod training;
mod translating;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{Outcome, RUN, Sandbox, finish, pairs};

const SENTENCES: &str = "I eat rice .\nTom likes the red tea .\n";

fn translate(sandbox: &Sandbox, more: &[&str], input: &str) -> Outcome {
    let outcome = sandbox.pipe(&[&["translate", "--run", RUN][..], more].concat(), input);
    outcome.assert_done();
    outcome
}

fn number(value: &Value, key: &str) -> f64 {
    value[key]
        .as_f64()
        .unwrap_or_else(|| panic!("no number `{key}` in {value}"))
}
