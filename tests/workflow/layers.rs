//! Encoders and decoders other than the plain recurrent ones, from a config to translations.

use super::*;
use crate::support::finish;

/// Trains with these settings, and translates: each batch size says the same.
fn works(settings: &[&str]) {
    let sandbox = Sandbox::new();
    let set: Vec<&str> = settings.iter().flat_map(|pair| ["--set", pair]).collect();
    sandbox.train(&set);
    let losses: Vec<f64> = sandbox
        .metrics(RUN)
        .iter()
        .filter_map(|record| record["loss"].as_f64())
        .collect();
    assert!(losses.iter().all(|loss| loss.is_finite()), "{settings:?}");
    let (first, last) = (losses[0], losses[losses.len() - 1]);
    assert!(last < first, "{settings:?}: {first} to {last}");

    let together = translate(&sandbox, &[], SENTENCES).out;
    let alone: String = SENTENCES
        .lines()
        .map(|line| translate(&sandbox, &[], &format!("{line}\n")).out)
        .collect();
    assert_eq!(together, alone, "{settings:?}");
    assert_eq!(together.lines().count(), 2);
}

#[test]
fn convolutions_learn_and_translate() {
    works(&["model.encoder.kind=conv", "model.decoder.kind=conv"]);
    works(&["model.encoder.kind=conv"]);
    works(&[
        "model.decoder.kind=conv",
        "model.decoder.layers=2",
        "model.attention.kind=none",
    ]);
}

#[test]
fn stacked_layers_with_options_learn_and_translate() {
    works(&[
        "model.encoder.layers=2",
        "model.encoder.residual=true",
        "model.encoder.layer_norm=true",
        "model.encoder.initial_state=learned",
        "model.decoder.layers=2",
        "model.decoder.residual=true",
        "model.decoder.layer_norm=true",
    ]);
}

#[test]
fn decoders_of_convolutions_are_searched_with_integers() {
    let sandbox = Sandbox::new();
    sandbox.train(&[
        "--set",
        "model.decoder.kind=conv",
        "--set",
        "model.attention.kind=luong-general",
    ]);
    let outcome = sandbox.pipe(
        &["translate", "--run", RUN, "--precision", "int8"],
        SENTENCES,
    );
    outcome.assert_done();
    assert_eq!(outcome.out.lines().count(), SENTENCES.lines().count());
    let arguments = ["translate", "--run", RUN, "--precision", "int8"];
    let mut without_kernels = sandbox.attune(&arguments);
    without_kernels.env("ATTUNE_REFERENCE", "1");
    finish(&mut without_kernels, SENTENCES.as_bytes()).assert_refused(&[
        "--precision int8",
        "ATTUNE_REFERENCE",
        "--precision f32",
    ]);
}
