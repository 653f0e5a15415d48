//! Writes networks of every kind with random parameters as ONNX files, and beside them what they give here, for
//! `scripts/check_onnx.py` to compare.
//!
//! ```sh
//! cargo run -p onnx --example combinations -- FOLDER [few]
//! ```

use std::error::Error;
use std::fs;
use std::path::Path;

use network::kind::{AttentionKind, DecoderKind, EncoderKind};
use network::{Images, Input, ModelConfig, Network, Padded, Shape, Values};
use onnx::Greedy;
use random::{Place, Purpose, Stream};
use search::packed::PackedNetwork;
use search::{Ask, Favour, Model, Precision, Steps};
use serde_json::{Value, json};

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

const WORDS: usize = 11;
/// What the forced decoder reads, step by step, of three sentences.
const TARGETS: [[u32; 3]; 5] = [[2, 2, 2], [4, 9, 10], [7, 7, 5], [1, 3, 8], [6, 4, 4]];
/// Most words that the greedy search writes.
const MOST: usize = 9;
const PAD: u32 = 0;
const START: u32 = 2;
const END: u32 = 3;

const SENTENCES: Padded<'static> = Padded {
    ids: &[4, 8, 7, 10, 3, 5, 3, 0, 0, 0, 6, 4, 9, 3, 0],
    lengths: &[5, 2, 4],
    time: 5,
};
const ROWS: usize = 5;
const COLUMNS: usize = 7;

/// What is changed, as in the `[model]` table, of the models that come after every encoder with every decoder.
const VARIANTS: &[(&str, &str)] = &[
    (
        "layers",
        r#"{"encoder": {"layers": 3}, "decoder": {"layers": 2}, "bridge": "copy"}"#,
    ),
    (
        "same-depth",
        r#"{"encoder": {"layers": 2}, "decoder": {"layers": 2}, "bridge": "copy"}"#,
    ),
    (
        "other-size",
        r#"{"encoder": {"layers": 2, "hidden_size": 6}, "decoder": {"layers": 2}, "bridge": "copy"}"#,
    ),
    (
        "one-direction",
        r#"{"encoder": {"bidirectional": false}, "bridge": "zero"}"#,
    ),
    (
        "learned",
        r#"{"encoder": {"initial_state": "learned", "layers": 2}, "decoder": {"layers": 2}, "bridge": "learned"}"#,
    ),
    (
        "tanh-cell",
        r#"{"bridge": "tanh-cell", "decoder": {"layers": 2}}"#,
    ),
    (
        "relu",
        r#"{"encoder": {"kind": "rnn", "nonlinearity": "relu"}, "decoder": {"kind": "rnn", "nonlinearity": "relu"}}"#,
    ),
    (
        "residual",
        r#"{"encoder": {"layers": 2, "residual": true, "layer_norm": true}, "decoder": {"layers": 2, "residual": true, "layer_norm": true}}"#,
    ),
    (
        "gates-lstm",
        r#"{"encoder": {"layer_norm": "gates", "initial_state": "learned"}, "decoder": {"layer_norm": "gates"}}"#,
    ),
    (
        "gates-gru",
        r#"{"encoder": {"kind": "gru", "layer_norm": "gates"}, "decoder": {"kind": "gru", "layer_norm": "gates"}, "bridge": "copy"}"#,
    ),
    (
        "gates-rnn",
        r#"{"encoder": {"kind": "rnn", "layer_norm": "gates", "layers": 2}, "decoder": {"kind": "rnn", "layer_norm": "gates"}}"#,
    ),
    (
        "gates-cgru",
        r#"{"decoder": {"kind": "cgru", "layer_norm": "gates"}, "input_feeding": false}"#,
    ),
    ("before", r#"{"attention": {"query": "before"}}"#),
    (
        "before-heads",
        r#"{"attention": {"kind": "multi-head", "query": "before"}, "decoder": {"layers": 2, "kind": "gru"}}"#,
    ),
    (
        "before-local",
        r#"{"attention": {"kind": "local-p", "query": "before", "window": 2}}"#,
    ),
    ("coverage", r#"{"attention": {"coverage": true}}"#),
    (
        "coverage-before",
        r#"{"attention": {"kind": "luong-concat", "coverage": true, "query": "before"}}"#,
    ),
    (
        "coverage-cgru",
        r#"{"attention": {"coverage": true}, "decoder": {"kind": "cgru"}, "input_feeding": false}"#,
    ),
    ("no-feeding", r#"{"input_feeding": false}"#),
    ("tied", r#"{"tie_embeddings": true}"#),
    (
        "narrow-window",
        r#"{"attention": {"kind": "local-m", "window": 1}}"#,
    ),
    (
        "single-vector",
        r#"{"attention": {"kind": "time-dense", "single_vector": true, "max_source_length": 7}}"#,
    ),
    (
        "every-step",
        r#"{"attention": {"kind": "none"}, "context": "every-step"}"#,
    ),
    (
        "conv-widths",
        r#"{"encoder": {"kind": "conv", "layers": 2, "kernel_width": 4, "max_positions": 3}, "decoder": {"kind": "conv", "layers": 3, "kernel_width": 2, "max_positions": 3}, "attention": {"kind": "luong-dot"}, "input_feeding": false}"#,
    ),
    (
        "conv-one",
        r#"{"encoder": {"kind": "conv", "kernel_width": 1}, "decoder": {"kind": "conv", "kernel_width": 2}, "attention": {"kind": "multi-head", "heads": 2}, "input_feeding": false, "bridge": "copy"}"#,
    ),
];

fn every() -> Result<Vec<(String, ModelConfig)>, Box<dyn Error>> {
    let mut all = Vec::new();
    for encoder in ENCODERS {
        for decoder in DECODERS {
            for attention in AttentionKind::ALL {
                let mut config = sized(ModelConfig::default());
                config.encoder.kind = encoder;
                config.decoder.kind = decoder;
                config.attention.kind = attention;
                if encoder == EncoderKind::Image {
                    config.encoder.height = Some(ROWS);
                    config.encoder.channels = Some(3);
                    config.encoder.layers = 2;
                }
                let config = config.suited(|key| key == "model.attention.kind");
                all.push((format!("{encoder}-{decoder}-{attention}"), config));
            }
        }
    }
    all.retain(|(_, config)| config.check().is_ok());
    for (name, change) in VARIANTS {
        let config = sized(serde_json::from_str(change)?);
        config.check()?;
        all.push(((*name).to_owned(), config));
    }
    Ok(all)
}

fn sized(config: ModelConfig) -> ModelConfig {
    ModelConfig {
        embedding_size: 6,
        hidden_size: 8,
        ..config
    }
}

fn network(config: &ModelConfig) -> Result<Network<Values>, Box<dyn Error>> {
    let mut index = 0;
    let found = Network::<Shape>::new(config, [WORDS, WORDS])?.try_map(|_, shape| {
        index += 1;
        let mut stream = Stream::new(Place {
            seed: 5,
            purpose: Purpose::Weights,
            step: 0,
            index,
        });
        let data = (0..shape.size())
            .map(|_| stream.uniform(-0.9, 0.9))
            .collect();
        let shape = shape.0;
        Ok(Values { shape, data })
    });
    Ok(found?)
}

/// Numbers of three pictures.
fn pixels() -> Vec<f32> {
    (0..3 * ROWS * COLUMNS)
        .map(|place| (place * 7 % 5) as f32 / 5.0)
        .collect()
}

fn input<'a>(config: &ModelConfig, pixels: &'a [f32]) -> Input<'a> {
    match config.encoder.reads_images() {
        true => Input::Images(Images {
            pixels,
            widths: &[COLUMNS; 3],
            channels: 1,
            height: ROWS,
            width: COLUMNS,
        }),
        false => Input::Words(SENTENCES),
    }
}

/// Log-probabilities of every word after each of [`TARGETS`], `[steps, sentences, words]`, and weights.
fn forced(steps: &mut dyn Steps) -> (Vec<Vec<f32>>, Vec<Vec<Vec<f32>>>) {
    let ask = Ask {
        count: 1,
        barred: Vec::new(),
        attention: true,
        everything: true,
    };
    let answer = |words: &[u32; 3]| steps.step(words, &[0, 1, 2], &ask);
    let answers = TARGETS.iter().map(answer);
    answers
        .map(|answer| (answer.log_probabilities, answer.attention))
        .unzip()
}

/// The best words of each sentence.
fn greedy(packed: &PackedNetwork, input: Input<'_>) -> Vec<Vec<u32>> {
    let ask = Ask {
        count: 1,
        barred: vec![PAD, START],
        ..Ask::default()
    };
    let write = |row: usize| {
        let mut steps = packed.start(input.only(row));
        let mut words = Vec::new();
        let mut last = START;
        while last != END && words.len() < MOST {
            let answer = steps.step(&[last], &[0], &ask);
            last = answer.candidates[0][0].token;
            words.push(last);
        }
        words
    };
    (0..3).map(write).collect()
}

fn write(folder: &Path, config: &ModelConfig) -> Result<Value, Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let network = network(config)?;
    let files = onnx::steps(&network);
    fs::write(folder.join("encoder_model.onnx"), files.encoder)?;
    fs::write(folder.join("decoder_model_merged.onnx"), files.decoder)?;
    let how = Greedy {
        start: START,
        end: END,
        pad: PAD,
        barred: &[PAD, START],
    };
    fs::write(folder.join("greedy.onnx"), onnx::greedy(&network, &how))?;
    let packed = PackedNetwork::new(network, Precision::Full, Favour::Throughput);
    let pixels = pixels();
    let source = input(config, &pixels);
    let (log_probabilities, attention) = forced(&mut *packed.start(source));
    Ok(json!({
        "images": config.encoder.reads_images(),
        "log_probabilities": log_probabilities,
        "attention": attention,
        "greedy": greedy(&packed, source),
    }))
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = arguments.next().ok_or("which folder?")?;
    let few = arguments.next().is_some();
    let folder = Path::new(&folder);
    let mut all = every()?;
    if few {
        // Every thirteenth: each encoder, decoder, attention and variant has its turn somewhere.
        let variants = all.split_off(all.len() - VARIANTS.len());
        all = all.into_iter().step_by(13).collect();
        all.extend(variants);
    }
    let mut expected = serde_json::Map::new();
    for (name, config) in &all {
        let found = write(&folder.join(name), config)?;
        expected.insert(name.clone(), found);
    }
    let inputs = json!({
        "ids": SENTENCES.ids,
        "lengths": SENTENCES.lengths,
        "pixels": pixels(),
        "pixels_shape": [3, 1, ROWS, COLUMNS],
        "targets": TARGETS,
        "most": MOST,
        "words": WORDS,
        "models": expected,
    });
    fs::write(folder.join("expected.json"), serde_json::to_vec(&inputs)?)?;
    println!("{} models in {}", all.len(), folder.display());
    Ok(())
}
