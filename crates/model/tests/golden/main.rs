//! Compares outputs, losses and every gradient with PyTorch's, as `scripts/make_model_golden.py` and
//! `scripts/make_layers_golden.py` wrote them down; on the CPU's fused operations and on the plain-tensor
//! reference.

#![allow(deprecated)] // The ndarray backend is kept for choice; upstream marks it deprecated.

mod case;

use burn::tensor::{Device, Int, Tensor, TensorData};
use model::cell::State;
use model::encoder::Encoded;
use model::{Images, Input, Lengths, Pairs, Seq2Seq, Signals};

use case::{Case, OUTPUT_TOLERANCE, each, values};

const SMOOTHING: f64 = 0.1;
const COVERAGE_LOSS: f64 = 0.5;

/// Encodes `source` and compares the memory, the last states and the gradients.
fn encoder_agrees(case: &Case, model: &Seq2Seq, source: Input<'_>) {
    let encoded = model.encoder.encode(source, None);
    assert_eq!(encoded.lengths.host(), model.encoder.lengths(&source));
    let hidden = encoded.states.iter().map(|state| state.hidden.clone());
    let cells: Vec<_> = encoded
        .states
        .iter()
        .filter_map(|state| state.cell.clone())
        .collect();
    let mut loss = case.output("memory", encoded.memory)
        + case.output::<3>("hidden", Tensor::stack(hidden.collect(), 0));
    assert_eq!(
        cells.is_empty(),
        !case.numbers.contains_key("outputs/cell"),
        "{}",
        case.name
    );
    if !cells.is_empty() {
        loss = loss + case.output::<3>("cell", Tensor::stack(cells, 0));
    }
    case.gradients(model, &loss.backward());
}

#[test]
fn encoders_agree() {
    for (family, count) in [("encoder", 19), ("stack-encoder", 5), ("conv-encoder", 4)] {
        each(family, count, |case, device| {
            let model = case.model(&device.clone().autodiff());
            let lengths = case.lengths("source_lengths");
            encoder_agrees(case, &model, case.words("source", &lengths).into());
        });
    }
}

#[test]
fn image_encoders_agree() {
    each("image-encoder", 3, |case, device| {
        let model = case.model(&device.clone().autodiff());
        let pixels = &case.numbers["inputs/images"];
        let images = Images {
            pixels: &pixels.data,
            widths: &case.lengths("widths"),
            channels: pixels.shape[1],
            height: pixels.shape[2],
            width: pixels.shape[3],
        };
        encoder_agrees(case, &model, images.into());
    });
}

#[test]
fn attentions_agree() {
    each("attention", 14, |case, device| {
        let device = device.clone().autodiff();
        let model = case.model(&device);
        let attention = model.decoder.attention().unwrap();
        let memory = case.input::<3>("memory", &device);
        let query = case.input::<3>("query", &device);
        let time = memory.dims()[1];
        let lengths = Lengths::new(&case.lengths("source_lengths"), time, &device);
        let remembered = attention.remember(memory.clone(), &lengths);
        let (context, weights) = attention.attend(query.clone(), &remembered);
        let loss = case.output("context", context) + case.output("weights", weights);
        let gradients = loss.backward();
        case.gradients(&model, &gradients);
        case.input_gradient("memory", &memory, &gradients);
        case.input_gradient("query", &query, &gradients);
    });
}

#[test]
fn fixed_contexts_agree() {
    each("pool", 3, |case, device| {
        let device = device.clone().autodiff();
        let model = case.model(&device);
        let pool = model.decoder.pool().unwrap();
        let memory = case.input::<3>("memory", &device);
        let time = memory.dims()[1];
        let lengths = Lengths::new(&case.lengths("source_lengths"), time, &device);
        let (context, mean) = pool.pool(&memory, &lengths);
        let (weighted, weights) = pool.weigh(memory.clone(), &lengths);
        let loss = case.output("context", context)
            + case.output("mean", mean)
            + case.output("weighted", weighted)
            + case.output("weights", weights);
        let gradients = loss.backward();
        case.gradients(&model, &gradients);
        case.input_gradient("memory", &memory, &gradients);
    });
}

/// The memory and the states that a decoder's case gives, and the latter as they were stored.
fn encoded(case: &Case, device: &Device) -> (Encoded, Tensor<3>, Option<Tensor<3>>) {
    let memory = case.input::<3>("memory", device);
    let hidden = case.input::<3>("hidden", device);
    let has_cell = case.numbers.contains_key("inputs/cell");
    let cell = has_cell.then(|| case.input::<3>("cell", device));
    let [layers, rows, size] = hidden.dims();
    let layer =
        |states: &Tensor<3>, layer| states.clone().narrow(0, layer, 1).reshape([rows, size]);
    let states = (0..layers)
        .map(|depth| State {
            hidden: layer(&hidden, depth),
            cell: cell.as_ref().map(|cell| layer(cell, depth)),
        })
        .collect();
    let lengths = Lengths::new(&case.lengths("source_lengths"), memory.dims()[1], device);
    let encoded = Encoded {
        memory,
        states,
        lengths,
    };
    (encoded, hidden, cell)
}

/// The families of decoders, with how many cases each has.
const DECODERS: [(&str, usize); 3] = [("decoder", 48), ("stack-decoder", 5), ("conv-decoder", 10)];

/// Runs `check` on every case of every family of decoders.
fn each_decoder(check: impl Fn(&Case, &Device)) {
    for (family, count) in DECODERS {
        each(family, count, &check);
    }
}

#[test]
fn decoders_agree() {
    each_decoder(|case, device| {
        let device = device.clone().autodiff();
        let model = case.model(&device);
        let (encoded, hidden, cell) = encoded(case, &device);
        let rows = encoded.memory.dims()[0];
        let lengths = vec![case.ids("words").len() / rows; rows];
        let found = model
            .decoder
            .force(case.words("words", &lengths), &encoded, None);
        let gradients = case.output("f", found.swap_dims(0, 1)).backward();
        case.gradients(&model, &gradients);
        case.input_gradient("memory", &encoded.memory, &gradients);
        case.input_gradient("hidden", &hidden, &gradients);
        if let Some(cell) = cell {
            case.input_gradient("cell", &cell, &gradients);
        }
    });
}

#[test]
fn single_steps_of_decoders_agree() {
    each_decoder(|case, device| {
        let model = case.model(device);
        let (encoded, _, _) = encoded(case, device);
        let rows = encoded.memory.dims()[0];
        let (source, mut state) = model.decoder.start(&encoded);
        let (mut outputs, mut weights) = (Vec::new(), Vec::new());
        let steps = case.ids("words").len() / rows;
        for time in 0..steps {
            let sentences = case.ids("words").chunks(steps);
            let words: Vec<i32> = sentences.map(|sentence| sentence[time]).collect();
            let words = Tensor::<1, Int>::from_data(TensorData::new(words, [rows]), device);
            let step = model.decoder.step(words, state, &source);
            outputs.push(step.output);
            weights.extend(step.weights);
            state = step.state;
        }
        case.output::<3>("f", Tensor::stack(outputs, 1));
        let golden = case.numbers.get("outputs/weights");
        assert_eq!(golden.is_some(), !weights.is_empty(), "{}", case.name);
        if let Some(golden) = golden {
            let found = values(Tensor::<2>::stack::<3>(weights, 1));
            case.close("weights", &found, golden, OUTPUT_TOLERANCE, 1.0);
        }
    });
}

#[test]
fn whole_models_agree() {
    each("model", 24, |case, device| {
        let device = device.clone().autodiff();
        let model = case.model(&device);
        let sources = case.lengths("source_lengths");
        let targets = case.lengths("target_lengths");
        let pairs = Pairs {
            source: case.words("source", &sources).into(),
            input: case.words("words", &targets),
            output: case.words("right", &targets),
        };
        let covered = case.numbers.contains_key("outputs/coverage");
        let signals = Signals {
            smoothing: SMOOTHING,
            coverage: if covered { COVERAGE_LOSS } else { 0.0 },
            ..Signals::default()
        };
        let loss = model.loss_with(pairs, &signals, None);
        assert_eq!(loss.tokens, targets.iter().sum::<usize>());
        for (name, found) in [
            ("loss", &loss.sum),
            ("negative_log_likelihood", &loss.negative_log_likelihood),
        ] {
            let golden = &case.numbers[&format!("outputs/{name}")];
            case.close(name, &values(found.clone()), golden, OUTPUT_TOLERANCE, 1.0);
        }
        case.gradients(&model, &loss.sum.backward());
    });
}
