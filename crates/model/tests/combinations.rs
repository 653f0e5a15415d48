//! Every encoder with every decoder and every attention: trained for a few steps on the CPU, or
//! refused with the reason. `docs/combinations.md` is the table of what was found; to write it anew:
//!
//! ```sh
//! UPDATE_DOCS=1 cargo test -p model -p trainer --test combinations
//! ```

use std::path::Path;

use burn::tensor::Device;
use model::attention::AttentionKind;
use model::bridge::BridgeKind;
use model::decoder::DecoderKind;
use model::encoder::EncoderKind;
use model::parameters::{self, Parameters};
use model::{Images, Input, ModelConfig, NetworkError, Padded, Pairs, Seq2Seq};

const ENCODERS: [EncoderKind; 5] = [
    EncoderKind::Rnn,
    EncoderKind::Gru,
    EncoderKind::Lstm,
    EncoderKind::Conv,
    EncoderKind::Image,
];
const DECODERS: [DecoderKind; 5] = [
    DecoderKind::Rnn,
    DecoderKind::Gru,
    DecoderKind::Lstm,
    DecoderKind::Cgru,
    DecoderKind::Conv,
];

const WORDS: usize = 9;
const STEPS: usize = 6;
/// The length of a step in the space of all parameters.
const STRIDE: f64 = 0.5;

const SENTENCES: Padded<'static> = Padded {
    ids: &[4, 8, 7, 3, 5, 3, 0, 0, 6, 4, 3, 0],
    lengths: &[4, 2, 3],
    time: 4,
};

/// Three images of 4 x 6 pixels, two of them narrower.
const IMAGES: Images<'static> = Images {
    pixels: &{
        let mut pixels = [0.0; 3 * 4 * 6];
        let mut place = 0;
        while place < pixels.len() {
            pixels[place] = (place * 7 % 5) as f32 / 5.0;
            place += 1;
        }
        pixels
    },
    widths: &[6, 3, 5],
    channels: 1,
    height: 4,
    width: 6,
};

fn pairs(encoder: EncoderKind) -> Pairs<'static> {
    Pairs {
        source: match encoder {
            EncoderKind::Image => Input::Images(IMAGES),
            _ => Input::Words(SENTENCES),
        },
        input: Padded {
            ids: &[2, 5, 0, 2, 7, 8, 2, 0, 0],
            lengths: &[2, 3, 1],
            time: 3,
        },
        output: Padded {
            ids: &[5, 3, 0, 7, 8, 3, 3, 0, 0],
            lengths: &[2, 3, 1],
            time: 3,
        },
    }
}

fn config(encoder: EncoderKind, decoder: DecoderKind, attention: AttentionKind) -> ModelConfig {
    let mut config = ModelConfig {
        embedding_size: 6,
        hidden_size: 8,
        ..ModelConfig::default()
    };
    config.encoder.kind = encoder;
    config.decoder.kind = decoder;
    config.attention.kind = attention;
    if encoder == EncoderKind::Image {
        config.encoder.height = Some(IMAGES.height);
        config.encoder.channels = Some(3);
    }
    config.suited(|key| key == "model.attention.kind")
}

/// The loss of each word and its gradients, all of them finite and none of them missing.
fn learn(name: &str, model: &Seq2Seq, pairs: Pairs<'_>) -> (f64, Parameters) {
    let loss = model.loss(pairs, 0.0, None);
    let found = parameters::gradients(model, &loss.sum.backward());
    let all = parameters::collect(model);
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        all.keys().collect::<Vec<_>>(),
        "{name}: every parameter has a gradient"
    );
    for (parameter, gradient) in &found {
        let finite = gradient.data.iter().all(|value| value.is_finite());
        assert!(finite, "{name}: the gradient of {parameter} is not finite");
    }
    let sum = f64::from(loss.sum.into_scalar::<f32>());
    (sum / loss.tokens as f64, found)
}

/// Trains by steps of one length straight downhill; the loss must fall to below nine tenths.
fn train(name: &str, config: &ModelConfig, pairs: Pairs<'_>) {
    let device = Device::flex().autodiff();
    let mut model = Seq2Seq::new(config, WORDS, WORDS, 7, &device).unwrap();
    let (first, mut gradients) = learn(name, &model, pairs);
    let mut last = first;
    for _ in 0..STEPS {
        let squares = gradients.values().flat_map(|gradient| &gradient.data);
        let norm = squares
            .map(|&value| f64::from(value).powi(2))
            .sum::<f64>()
            .sqrt();
        let mut values = parameters::collect(&model);
        for (parameter, values) in &mut values {
            let downhill = values.data.iter_mut().zip(&gradients[parameter].data);
            downhill.for_each(|(value, slope)| *value -= (STRIDE / norm) as f32 * slope);
        }
        model = parameters::place(model, values).unwrap();
        (last, gradients) = learn(name, &model, pairs);
    }
    assert!(
        last < 0.9 * first,
        "{name}: the loss fell only from {first} to {last}"
    );
}

/// The page, made while every combination is tried.
#[derive(Default)]
struct Page {
    rows: String,
    refusals: Vec<Refusal>,
}

/// Settings that cannot be combined with `second`, all for one reason.
struct Refusal {
    firsts: Vec<String>,
    second: String,
    reason: String,
}

impl Page {
    /// A mark for a refusal, whose reason stands below the table.
    fn refusal(&mut self, error: &NetworkError) -> String {
        let message = error.to_string();
        assert!(message.contains("cannot be combined"), "{message}");
        let NetworkError::CannotCombine {
            first,
            second,
            reason,
        } = error
        else {
            panic!("this is no refusal: {error}");
        };
        let same = |known: &Refusal| known.second == *second && known.reason == *reason;
        let number = self.refusals.iter().position(same).unwrap_or_else(|| {
            self.refusals.push(Refusal {
                firsts: Vec::new(),
                second: second.clone(),
                reason: reason.clone(),
            });
            self.refusals.len() - 1
        });
        let firsts = &mut self.refusals[number].firsts;
        if !firsts.contains(first) {
            firsts.push(first.clone());
        }
        format!("no ({})", number + 1)
    }

    fn text(&self) -> String {
        let kinds: Vec<String> = AttentionKind::ALL
            .iter()
            .map(|kind| format!("`{kind}`"))
            .collect();
        let refusals = self.refusals.iter().zip(1..);
        let reasons: String = refusals
            .map(|(refusal, number)| {
                let firsts = refusal.firsts.join("`, `");
                let (second, reason) = (&refusal.second, &refusal.reason);
                format!("{number}. `{firsts}` with `{second}`: {reason}.\n")
            })
            .collect();
        format!(
            "# Combinations\n\n\
             Which encoders, decoders and attentions go together. Every \"yes\" was trained for {STEPS} steps on \
             the CPU:\nits gradients were finite and its loss fell. This page is made by the test that does so,\n\
             `crates/model/tests/combinations.rs`, which fails when it is out of date.\n\n\
             | encoder | decoder | {} |\n|---|---|{}\n{}\n\
             Refused with exit code 2, as what cannot be combined:\n\n{reasons}",
            kinds.join(" | "),
            "---|".repeat(AttentionKind::ALL.len()),
            self.rows,
        )
    }
}

#[test]
fn every_combination_learns_or_is_refused_with_the_reason() {
    let mut page = Page::default();
    let (mut learned, mut refused) = (0, 0);
    for encoder in ENCODERS {
        for decoder in DECODERS {
            page.rows += &format!("| `{encoder}` | `{decoder}` |");
            for attention in AttentionKind::ALL {
                let config = config(encoder, decoder, attention);
                let name = format!("{encoder} to {decoder} with {attention}");
                let cell = match config.check() {
                    Ok(()) => {
                        train(&name, &config, pairs(encoder));
                        learned += 1;
                        "yes".to_owned()
                    }
                    Err(error) => {
                        refused += 1;
                        page.refusal(&error)
                    }
                };
                page.rows += &format!(" {cell} |");
            }
            page.rows.push('\n');
        }
    }
    assert_eq!(learned + refused, 5 * 5 * AttentionKind::ALL.len());
    // Refusals that are not about kinds alone.
    let mut fed = config(
        EncoderKind::Lstm,
        DecoderKind::Conv,
        AttentionKind::LuongDot,
    );
    fed.input_feeding = true;
    let mut unequal = config(
        EncoderKind::Lstm,
        DecoderKind::Lstm,
        AttentionKind::LuongDot,
    );
    unequal.encoder.hidden_size = Some(6);
    let mut backward = config(EncoderKind::Lstm, DecoderKind::Lstm, AttentionKind::None);
    backward.decoder.bidirectional = Some(true);
    for config in [fed, unequal, backward] {
        page.refusal(&config.check().unwrap_err());
    }

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/combinations.md");
    let text = page.text();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == text,
        "docs/combinations.md is out of date; run this test with UPDATE_DOCS=1 set"
    );
}

#[test]
fn every_bridge_fits_every_pair() {
    for encoder in ENCODERS {
        for decoder in DECODERS {
            for (bridge, size, layers) in [
                (BridgeKind::Tanh, 6, 2),
                (BridgeKind::TanhCell, 6, 2),
                (BridgeKind::Copy, 6, 2),
                (BridgeKind::Copy, 8, 1),
                (BridgeKind::Zero, 6, 2),
                (BridgeKind::Learned, 6, 2),
            ] {
                let mut config = config(encoder, decoder, AttentionKind::LuongGeneral);
                config.bridge = bridge;
                config.encoder.hidden_size = Some(size);
                if decoder != DecoderKind::Cgru {
                    config.decoder.layers = layers;
                }
                config.check().unwrap();
                let name = format!("{encoder} to {decoder} by {bridge:?} from {size}");
                train(&name, &config, pairs(encoder));
            }
        }
    }
}
