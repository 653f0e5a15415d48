//! Padding is invisible: a sentence's loss, gradient and translation are the same alone and beside
//! longer ones, whatever stands in the positions behind its end.

#![allow(deprecated)] // The ndarray backend is kept for choice; upstream marks it deprecated.

mod batch;
mod configs;

use burn::tensor::Device;
use model::attention::AttentionKind;
use model::cell::CellKind;
use model::encoder::{EncoderConfig, EncoderKind};
use model::parameters::{self, Parameters};
use model::search::{beam, greedy};
use model::{Hypothesis, Images, Marks, ModelConfig, Pairs, SearchConfig, Seq2Seq};

use batch::{Batch, PAIRS};
#[cfg(feature = "ndarray")]
use configs::fewer_configs;
use configs::{configs, small};

const SOURCE_WORDS: usize = 11;
const TARGET_WORDS: usize = 13;
const TOLERANCE: f32 = 1e-5;
const MARKS: Marks = Marks {
    pad: 0,
    unknown: 1,
    start: 2,
    end: 3,
};

fn assert_same(what: &str, found: &(f32, Parameters), wanted: &(f32, Parameters)) {
    let near = |found: f32, wanted: f32, scale: f32| (found - wanted).abs() <= TOLERANCE * scale;
    let (loss, wanted_loss) = (found.0, wanted.0);
    assert!(
        near(loss, wanted_loss, wanted_loss.max(1.0)),
        "{what}: {loss} is not {wanted_loss}"
    );
    assert_eq!(
        found.1.keys().collect::<Vec<_>>(),
        wanted.1.keys().collect::<Vec<_>>(),
        "{what}"
    );
    for (name, wanted) in &wanted.1 {
        let size = |most: f32, value: &f32| most.max(value.abs());
        let scale = wanted.data.iter().fold(1.0, size);
        for (found, wanted) in found.1[name].data.iter().zip(&wanted.data) {
            assert!(
                near(*found, *wanted, scale),
                "{what}: {name}: {found} is not {wanted}"
            );
        }
    }
}

/// Runs `check` on a model of each config on a device.
fn each(device: &Device, configs: &[ModelConfig], check: impl Fn(&str, &Seq2Seq)) {
    for config in configs {
        let name = format!(
            "{} to {}, {} {:?}, {:?}, feeding {}",
            config.encoder.kind,
            config.decoder.kind,
            config.attention.kind,
            config.attention.query,
            config.bridge,
            config.input_feeding
        );
        let model = Seq2Seq::new(config, SOURCE_WORDS, TARGET_WORDS, 3, device);
        check(&name, &model.unwrap());
    }
}

/// A sentence alone; with padding behind it; beside longer ones; and all sentences' sum.
fn losses_and_gradients(device: &Device, configs: &[ModelConfig]) {
    each(&device.clone().autodiff(), configs, |name, model| {
        let together = Batch::new(&[0, 1, 2, 3], 0, 0).learn(model);
        let mut sum: Option<(f32, Parameters)> = None;
        for place in 0..PAIRS.len() {
            let what = format!("{name}, pair {place}");
            let alone = Batch::alone(place).learn(model);
            // Padding may even hold words: only lengths count.
            let padded = Batch::new(&[place], 3, 6).learn(model);
            assert_same(&format!("{what}, padded"), &padded, &alone);
            // Only this pair's words count towards the loss: the others have none to say.
            let mut beside = Batch::new(&[0, 1, 2, 3], 1, 0);
            for (row, length) in beside.output.lengths.iter_mut().enumerate() {
                *length = if row == place { *length } else { 0 };
            }
            assert_same(&format!("{what}, beside"), &beside.learn(model), &alone);
            sum = Some(match sum {
                Some(sum) => add(sum, &alone),
                None => alone,
            });
        }
        assert_same(&format!("{name}, together"), &together, &sum.unwrap());
    });
}

fn add(mut sum: (f32, Parameters), more: &(f32, Parameters)) -> (f32, Parameters) {
    sum.0 += more.0;
    for (name, total) in &mut sum.1 {
        for (total, more) in total.data.iter_mut().zip(&more.1[name].data) {
            *total += more;
        }
    }
    sum
}

#[test]
fn losses_and_gradients_do_not_see_padding() {
    losses_and_gradients(&Device::flex(), &configs());
}

#[test]
#[cfg(feature = "ndarray")]
fn losses_and_gradients_do_not_see_padding_on_ndarray() {
    losses_and_gradients(&Device::ndarray(), &fewer_configs());
}

fn probabilities(device: &Device, configs: &[ModelConfig]) {
    each(device, configs, |name, model| {
        let together = model.score(Batch::new(&[3, 0, 1, 2], 2, 6).pairs());
        for (found, place) in together.iter().zip([3, 0, 1, 2]) {
            let alone = &model.score(Batch::alone(place).pairs())[0];
            assert_eq!(found.len(), PAIRS[place].1.len(), "{name}, pair {place}");
            for (found, alone) in found.iter().zip(alone) {
                assert!(
                    (found - alone).abs() <= TOLERANCE * alone.abs().max(1.0),
                    "{name}, pair {place}: {found} is not {alone}"
                );
            }
        }
    });
}

#[test]
fn the_probability_of_every_word_does_not_see_padding() {
    probabilities(&Device::flex(), &configs());
}

#[test]
#[cfg(feature = "ndarray")]
fn the_probability_of_every_word_does_not_see_padding_on_ndarray() {
    probabilities(&Device::ndarray(), &fewer_configs());
}

fn assert_same_translation(what: &str, found: &Hypothesis, alone: &Hypothesis) {
    assert_eq!(found.tokens, alone.tokens, "{what}");
    let (sum, wanted) = (found.log_probability, alone.log_probability);
    assert!(
        (sum - wanted).abs() <= 1e-5 * wanted.abs().max(1.0),
        "{what}: {sum} is not {wanted}"
    );
    assert_eq!(found.attention.len(), alone.attention.len(), "{what}");
    for (found, alone) in found.attention.iter().zip(&alone.attention) {
        assert_eq!(found.len(), alone.len(), "{what}");
        for (found, alone) in found.iter().zip(alone) {
            assert!(
                (found - alone).abs() <= TOLERANCE,
                "{what}: attention {found} is not {alone}"
            );
        }
    }
}

fn translations(device: &Device, configs: &[ModelConfig]) {
    let search = SearchConfig {
        beam: 3,
        max_length: 9,
        ..SearchConfig::default()
    };
    each(device, configs, |name, model| {
        let together = Batch::new(&[0, 1, 2, 3], 2, 6);
        let greedily = greedy(model, together.source.padded(), &search, &MARKS, true);
        let beams = beam(model, together.source.padded(), &search, &MARKS, 1, true);
        for place in 0..PAIRS.len() {
            let source = Batch::alone(place).source;
            let what = format!("{name}, pair {place}");
            let alone = greedy(model, source.padded(), &search, &MARKS, true);
            assert_same_translation(&what, &greedily[place], &alone[0]);
            let alone = beam(model, source.padded(), &search, &MARKS, 1, true);
            assert_same_translation(&what, &beams[place][0], &alone[0][0]);
        }
    });
}

#[test]
fn translations_do_not_see_padding() {
    translations(&Device::flex(), &configs());
}

#[test]
#[cfg(feature = "ndarray")]
fn translations_do_not_see_padding_on_ndarray() {
    translations(&Device::ndarray(), &fewer_configs());
}

/// Images of some widths, `[rows, 1, 4, width]` with `filler` beyond each one's own.
fn pictures(places: &[usize], more: usize, filler: f32) -> (Vec<f32>, Vec<usize>, usize) {
    let widths: Vec<usize> = places.iter().map(|&place| [5, 1, 8, 2][place]).collect();
    let width = widths.iter().max().unwrap() + more;
    let mut pixels = Vec::new();
    for (&place, &real) in places.iter().zip(&widths) {
        for at in 0..4 * width {
            let (row, column) = (at / width, at % width);
            let pixel = ((place * 7 + row * 5 + column * 3) % 11) as f32 / 11.0;
            pixels.push(if column < real { pixel } else { filler });
        }
    }
    (pixels, widths, width)
}

/// The loss, the gradients and the greedy translations of images with the targets of [`PAIRS`].
fn read_images(
    model: &Seq2Seq,
    places: &[usize],
    more: usize,
    filler: f32,
) -> ((f32, Parameters), Vec<Hypothesis>) {
    let (pixels, widths, width) = pictures(places, more, filler);
    let images = Images {
        pixels: &pixels,
        widths: &widths,
        channels: 1,
        height: 4,
        width,
    };
    let batch = Batch::new(places, 0, 0);
    let pairs = Pairs {
        source: images.into(),
        ..batch.pairs()
    };
    let loss = model.loss(pairs, 0.1, None);
    let gradients = parameters::gradients(model, &loss.sum.backward());
    let search = SearchConfig {
        max_length: 6,
        ..SearchConfig::default()
    };
    let found = greedy(model, images, &search, &MARKS, true);
    ((loss.sum.into_scalar::<f32>(), gradients), found)
}

#[test]
fn images_do_not_see_their_padding() {
    let mut config = small(CellKind::Lstm, AttentionKind::Bahdanau, true);
    config.encoder = EncoderConfig {
        kind: EncoderKind::Image,
        layers: 2,
        channels: Some(3),
        height: Some(4),
        ..EncoderConfig::default()
    };
    let device = Device::flex().autodiff();
    let model = Seq2Seq::new(&config, SOURCE_WORDS, TARGET_WORDS, 3, &device).unwrap();
    let (together, found) = read_images(&model, &[0, 1, 2, 3], 0, 0.5);
    let mut sum: Option<(f32, Parameters)> = None;
    for place in 0..PAIRS.len() {
        let what = format!("image {place}");
        let (alone, own) = read_images(&model, &[place], 0, 0.0);
        let (padded, _) = read_images(&model, &[place], 5, 0.5);
        assert_same(&what, &padded, &alone);
        assert_same_translation(&what, &found[place], &own[0]);
        sum = Some(match sum {
            Some(sum) => add(sum, &alone),
            None => alone,
        });
    }
    assert_same("all images", &together, &sum.unwrap());
}
