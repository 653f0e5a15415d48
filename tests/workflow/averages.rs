//! Averages of weights: over the updates of a training, and over its checkpoints.

use std::collections::BTreeMap;

use safetensors::SafeTensors;

use super::*;

/// The numbers of a safetensors file, by name.
fn numbers(bytes: &[u8]) -> BTreeMap<String, Vec<f32>> {
    let file = SafeTensors::deserialize(bytes).unwrap();
    let each = file.iter().map(|(name, view)| {
        let four = view.data().chunks_exact(4);
        let data = four.map(|four| f32::from_le_bytes(four.try_into().unwrap()));
        (name.to_owned(), data.collect())
    });
    each.collect()
}

const EMA: [&str; 2] = ["--set", "train.ema=0.9"];

#[test]
fn a_moving_average_is_saved_as_the_model_and_changes_nothing_else() {
    let plain = Sandbox::trained();
    let sandbox = Sandbox::new();
    sandbox.train(&EMA);
    let [model, memory] = sandbox.last(RUN).map(|bytes| numbers(&bytes));
    let own = numbers(&plain.last(RUN)[0]);
    assert_ne!(model, own);
    for (name, weights) in &own {
        assert_eq!(&memory[&format!("weights.{name}")], weights, "{name}");
        // The average lags behind, and is near.
        let distance = |(a, b): (&f32, &f32)| (a - b).abs();
        let far = model[name]
            .iter()
            .zip(weights)
            .map(distance)
            .fold(0.0, f32::max);
        assert!(far < 0.3, "{name}: {far}");
    }
    translate(&sandbox, &[], SENTENCES);
}

#[test]
fn a_moving_average_goes_on_byte_for_byte() {
    let sandbox = Sandbox::new();
    sandbox.train_in("whole", &EMA);
    sandbox.train_in("stopped", &[&EMA[..], &["--max-steps", "13"]].concat());
    sandbox.train_in("stopped", &[&EMA[..], &["--resume"]].concat());
    assert!(sandbox.last("stopped") == sandbox.last("whole"));
    let outcome = finish(&mut sandbox.training("stopped", &["--resume"]), b"");
    outcome.assert_refused(&["`train.ema` was 0.9 and is 0"]);
}

#[test]
fn checkpoints_are_averaged_into_a_new_run() {
    let sandbox = Sandbox::trained();
    let outcome = sandbox.run(&["average", "--run", RUN, "--out", "mean"]);
    outcome.assert_done();
    assert!(outcome.err.contains("24, 32, 40"), "{outcome:#?}");
    let all = ["24", "32", "40"].map(|step| numbers(&sandbox.checkpoint(RUN, step)[0]));
    for (name, found) in numbers(&sandbox.last("mean")[0]) {
        for (place, found) in found.iter().enumerate() {
            let sum: f64 = all.iter().map(|model| f64::from(model[&name][place])).sum();
            assert_eq!(*found, (sum / 3.0) as f32, "{name}");
        }
    }
    let translated = sandbox.pipe(&["translate", "--run", "mean"], SENTENCES);
    translated.assert_done();
    assert_eq!(translated.out.lines().count(), 2);
}

#[test]
fn averages_that_cannot_be_are_refused() {
    let sandbox = Sandbox::trained();
    let average = |more: &[&str]| sandbox.run(&[&["average", "--run", RUN][..], more].concat());
    average(&["--out", "mean", "--checkpoints", "40"]).assert_refused(&["two checkpoints"]);
    average(&["--out", "mean", "--checkpoints", "40,7"]).assert_refused(&["no checkpoint `7`"]);
    average(&["--out", RUN]).assert_refused(&["already holds a run", "`--out`"]);
    average(&["--out", "mean"]).assert_done();
    let outcome = finish(
        &mut sandbox.training("mean", &["--resume", "--max-steps", "50"]),
        b"",
    );
    outcome.assert_refused(&["holds an average", "train.start_from"]);
}
