//! Compares outputs, losses and every gradient with PyTorch's, as `scripts/make_model_golden.py` wrote
//! them down; on the CPU's fused operations and on the plain-tensor reference.

#![allow(deprecated)] // The ndarray backend is kept for choice; upstream marks it deprecated.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Gradients, Int, Tensor, TensorData};
use model::cell::{CellKind, State};
use model::encoder::Encoded;
use model::parameters::{self, Parameters, Values};
use model::{Images, Input, Lengths, ModelConfig, Padded, Pairs, Seq2Seq, Signals, pytorch};
use safetensors::{Dtype, SafeTensors};

const SOURCE_WORDS: usize = 11;
const TARGET_WORDS: usize = 13;
const SMOOTHING: f64 = 0.1;
const COVERAGE_LOSS: f64 = 0.5;

/// Of an output, in units of its largest value (or of 1).
const OUTPUT_TOLERANCE: f32 = 1e-5;
/// Of a gradient, in units of its largest value.
const GRADIENT_TOLERANCE: f32 = 1e-4;

/// One fixture.
struct Case {
    name: String,
    config: ModelConfig,
    numbers: Parameters,
    integers: BTreeMap<String, Vec<i32>>,
}

impl Case {
    fn load(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
        let config = &metadata.metadata().as_ref().unwrap()["config"];
        let config: ModelConfig = serde_json::from_str(config).unwrap();
        let (mut numbers, mut integers) = (Parameters::new(), BTreeMap::new());
        for (name, view) in SafeTensors::deserialize(&bytes).unwrap().iter() {
            let words = view
                .data()
                .chunks_exact(4)
                .map(|word| word.try_into().unwrap());
            if view.dtype() == Dtype::F32 {
                let shape = view.shape().to_vec();
                let data = words.map(f32::from_le_bytes).collect();
                numbers.insert(name.to_owned(), Values { shape, data });
            } else {
                integers.insert(name.to_owned(), words.map(i32::from_le_bytes).collect());
            }
        }
        Self {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            config,
            numbers,
            integers,
        }
    }

    /// The tensors whose names begin with `group/`, by the rest of their names.
    fn group(&self, group: &str) -> Parameters {
        let part = |name: &String| Some(name.strip_prefix(group)?.strip_prefix('/')?.to_owned());
        self.numbers
            .iter()
            .filter_map(|(name, values)| Some((part(name)?, values.clone())))
            .collect()
    }

    /// The model of this case; parameters that the fixture does not have stay as they were drawn.
    fn model(&self, device: &Device) -> Seq2Seq {
        let model = Seq2Seq::new(&self.config, SOURCE_WORDS, TARGET_WORDS, 1, device).unwrap();
        let mut values = parameters::collect(&model);
        values.extend(pytorch::import(&self.config, &self.group("parameters")).unwrap());
        parameters::place(model, values).unwrap()
    }

    fn tensor<const D: usize>(&self, name: &str, device: &Device) -> Tensor<D> {
        let values = &self.numbers[name];
        let data = TensorData::new(values.data.clone(), values.shape.clone());
        Tensor::from_data(data, device)
    }

    fn input<const D: usize>(&self, name: &str, device: &Device) -> Tensor<D> {
        let tensor = self.tensor(&format!("inputs/{name}"), device);
        if device.is_autodiff() {
            tensor.require_grad()
        } else {
            tensor
        }
    }

    fn ids(&self, name: &str) -> &[i32] {
        &self.integers[&format!("inputs/{name}")]
    }

    fn lengths(&self, name: &str) -> Vec<usize> {
        self.ids(name)
            .iter()
            .map(|&length| length as usize)
            .collect()
    }

    fn words<'a>(&'a self, name: &str, lengths: &'a [usize]) -> Padded<'a> {
        let ids = self.ids(name);
        let time = ids.len() / lengths.len();
        Padded { ids, lengths, time }
    }

    /// Compares an output and returns its share of the loss.
    fn output<const D: usize>(&self, name: &str, found: Tensor<D>) -> Tensor<1> {
        let golden = &self.numbers[&format!("outputs/{name}")];
        self.close(name, &values(found.clone()), golden, OUTPUT_TOLERANCE, 1.0);
        let cotangent = self.tensor(&format!("cotangents/{name}"), &found.device());
        (found * cotangent).sum()
    }

    /// Compares the gradient of every parameter that the fixture has.
    fn gradients(&self, model: &Seq2Seq, gradients: &Gradients) {
        let found = pytorch::export(&parameters::gradients(model, gradients));
        let golden = self.group("gradients");
        let names = |parameters: &Parameters| parameters.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(&golden), "{}", self.name);
        for (name, golden) in &golden {
            let (mut found, mut golden) = (found[name].clone(), golden.clone());
            if name.contains("bias_hh") {
                // One bias stands for two, and `bias_ih` has its gradient; only in a GRU's new gate
                // does the second count on its own.
                let encodes = name.starts_with("encoder");
                let config = &self.config;
                let kind = if encodes {
                    config.encoder.kind.cell()
                } else {
                    config.decoder.kind.cell()
                };
                if kind != Some(CellKind::Gru) {
                    continue;
                }
                for values in [&mut found, &mut golden] {
                    let inner = values.data.len() / 3;
                    values.data.drain(..2 * inner);
                    values.shape = vec![inner];
                }
            }
            self.close(name, &found, &golden, GRADIENT_TOLERANCE, 1e-3);
        }
    }

    /// Compares the gradient of an input.
    fn input_gradient<const D: usize>(&self, name: &str, input: &Tensor<D>, gradients: &Gradients) {
        let golden = &self.numbers[&format!("input_gradients/{name}")];
        let found = input
            .grad(gradients)
            .unwrap_or_else(|| input.zeros_like().inner());
        self.close(name, &values(found), golden, GRADIENT_TOLERANCE, 1e-3);
    }

    fn close(&self, what: &str, found: &Values, golden: &Values, tolerance: f32, least: f32) {
        assert_eq!(found.shape, golden.shape, "{}: {what}", self.name);
        let scale = golden
            .data
            .iter()
            .fold(least, |most, value| most.max(value.abs()));
        for (place, (found, golden)) in found.data.iter().zip(&golden.data).enumerate() {
            assert!(
                (found - golden).abs() <= tolerance * scale,
                "{}: {what}[{place}]: {found} is not {golden}",
                self.name
            );
        }
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Values {
    Values {
        shape: tensor.dims().to_vec(),
        data: tensor.into_data().iter::<f32>().collect(),
    }
}

/// Runs `check` on every case of a family, on each backend.
fn each(family: &str, count: usize, check: impl Fn(&Case, &Device)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with(family)
        })
        .collect();
    paths.sort();
    assert_eq!(paths.len(), count, "fixtures of {family}");
    for case in paths.iter().map(|path| Case::load(path)) {
        check(&case, &Device::flex());
        #[cfg(feature = "ndarray")]
        check(&case, &Device::ndarray());
    }
}

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
    for (family, count) in [("encoder", 16), ("stack-encoder", 5), ("conv-encoder", 4)] {
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
        let (context, weights) = pool.pool(&memory, &lengths);
        let loss = case.output("context", context) + case.output("weights", weights);
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
const DECODERS: [(&str, usize); 3] = [("decoder", 35), ("stack-decoder", 5), ("conv-decoder", 10)];

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
    each("model", 19, |case, device| {
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
