//! What leaves the project: parameters for PyTorch and for other Burn programs, packages, ONNX graphs.

mod onnx;
mod package;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use burn::tensor::Device;
use burn_store::{BurnpackStore, ModuleSnapshot};
use data::tokenizer::Tokenizer;
use model::{Seq2Seq, parameters};
use safetensors::{Dtype, SafeTensors};
use support::{RUN, Sandbox};
use trainer::config::Config;

fn export(sandbox: &Sandbox, format: &str, more: &[&str]) -> Vec<u8> {
    let command = [
        "export",
        "--run",
        RUN,
        "--format",
        format,
        "--out",
        "parameters",
    ];
    let outcome = sandbox.run(&[&command[..], more].concat());
    outcome.assert_done();
    assert_eq!(outcome.out, "");
    assert!(outcome.err.contains("parameters"), "{outcome:#?}");
    sandbox.bytes("parameters")
}

/// Embedding 8, hidden 12, an encoder of 6 in each direction, LSTM gates; 16 source words (11 of
/// the corpus, a full stop, four marks), 20 target characters (16 and four marks).
#[test]
fn safetensors_has_pytorchs_names_and_shapes() {
    let sandbox = Sandbox::trained();
    let bytes = export(&sandbox, "safetensors", &[]);
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let shapes: BTreeMap<&str, Vec<usize>> = file
        .iter()
        .map(|(name, view)| (name, view.shape().to_vec()))
        .collect();
    let expected: BTreeMap<&str, Vec<usize>> = [
        ("encoder.embedding.weight", vec![16, 8]),
        ("encoder.rnn.weight_ih_l0", vec![24, 8]),
        ("encoder.rnn.weight_hh_l0", vec![24, 6]),
        ("encoder.rnn.bias_ih_l0", vec![24]),
        ("encoder.rnn.bias_hh_l0", vec![24]),
        ("encoder.rnn.weight_ih_l0_reverse", vec![24, 8]),
        ("encoder.rnn.weight_hh_l0_reverse", vec![24, 6]),
        ("encoder.rnn.bias_ih_l0_reverse", vec![24]),
        ("encoder.rnn.bias_hh_l0_reverse", vec![24]),
        ("bridge.weight", vec![12, 12]),
        ("bridge.bias", vec![12]),
        ("decoder.embedding.weight", vec![20, 8]),
        ("decoder.rnn.weight_ih_l0", vec![48, 8 + 12]),
        ("decoder.rnn.weight_hh_l0", vec![48, 12]),
        ("decoder.rnn.bias_ih_l0", vec![48]),
        ("decoder.rnn.bias_hh_l0", vec![48]),
        ("attention.key.weight", vec![12, 12]),
        ("attention.query.weight", vec![12, 12]),
        ("attention.query.bias", vec![12]),
        ("attention.energy.weight", vec![1, 12]),
        ("decoder.combine.weight", vec![12, 12 + 12]),
        ("decoder.combine.bias", vec![12]),
        ("output.weight", vec![20, 12]),
        ("output.bias", vec![20]),
    ]
    .into();
    assert_eq!(shapes, expected);
    for (name, view) in file.iter() {
        assert_eq!(view.dtype(), Dtype::F32, "{name}");
        let values = view
            .data()
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes(four.try_into().unwrap()));
        assert!(values.into_iter().all(f32::is_finite), "{name}");
    }
    assert!(
        export(&sandbox, "safetensors", &[]) == bytes,
        "two exports differ"
    );
    let other = export(&sandbox, "safetensors", &["--checkpoint", "24"]);
    assert!(other != bytes && other.len() == bytes.len());
}

#[test]
fn integers_and_their_scales_stand_for_the_parameters() {
    let sandbox = Sandbox::trained();
    let whole = export(&sandbox, "safetensors", &[]);
    let bytes = export(&sandbox, "safetensors", &["--precision", "int8"]);
    assert!(bytes.len() < whole.len());
    let [whole, file] = [&whole, &bytes].map(|bytes| SafeTensors::deserialize(bytes).unwrap());
    let floats = |file: &SafeTensors, name: &str| -> Vec<f32> {
        let view = file.tensor(name).unwrap();
        assert_eq!(view.dtype(), Dtype::F32, "{name}");
        view.data()
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes(four.try_into().unwrap()))
            .collect()
    };
    let mut integers = Vec::new();
    for (name, view) in whole.iter() {
        let found = file.tensor(name).unwrap();
        assert_eq!(found.shape(), view.shape(), "{name}");
        let wanted = floats(&whole, name);
        if found.dtype() == Dtype::F32 {
            assert_eq!(floats(&file, name), wanted, "{name}");
            continue;
        }
        assert_eq!(found.dtype(), Dtype::I8, "{name}");
        integers.push(name);
        let scales = floats(&file, &format!("{name}.scale"));
        assert_eq!(scales.len(), view.shape()[0], "{name}");
        let width = view.shape()[1];
        for (row, scale) in scales.iter().enumerate() {
            let row = row * width..(row + 1) * width;
            let bytes = found.data()[row.clone()].iter().map(|&byte| byte as i8);
            assert_eq!(
                bytes.clone().map(i8::unsigned_abs).max(),
                Some(127),
                "{name}"
            );
            for (byte, wanted) in bytes.zip(&wanted[row]) {
                let error = f32::from(byte) * scale - wanted;
                assert!(error.abs() <= 0.51 * scale, "{name}: {error}");
            }
        }
    }
    integers.sort_unstable();
    let expected = [
        "attention.key.weight",
        "attention.query.weight",
        "decoder.combine.weight",
        "decoder.rnn.weight_hh_l0",
        "decoder.rnn.weight_ih_l0",
        "encoder.rnn.weight_hh_l0",
        "encoder.rnn.weight_hh_l0_reverse",
        "encoder.rnn.weight_ih_l0",
        "encoder.rnn.weight_ih_l0_reverse",
        "output.weight",
    ];
    assert_eq!(integers, expected);
    let refused = [
        "export",
        "--run",
        RUN,
        "--format",
        "burnpack",
        "--precision",
        "int8",
        "--out",
        "x",
    ];
    sandbox
        .run(&refused)
        .assert_refused(&["burnpack", "int8", "safetensors"]);
}

#[test]
fn burnpack_loads_back_into_the_same_parameters() {
    let sandbox = Sandbox::trained();
    let bytes = export(&sandbox, "burnpack", &[]);
    let config = Config::load(&sandbox.path("run/config.toml"), &[])
        .unwrap()
        .config;
    let [source, target] = ["source", "target"].map(|side| {
        let file = sandbox.path(format!("run/tokenizer.{side}.json"));
        Tokenizer::load(&file).unwrap().vocab_size()
    });
    let fresh = || Seq2Seq::new(&config.model, source, target, 99, &Device::flex()).unwrap();
    let mut model = fresh();
    let mut store = BurnpackStore::from_bytes(Some(burn::tensor::Bytes::from_bytes_vec(bytes)));
    let result = model.load_from(&mut store).unwrap();
    assert!(
        result.errors.is_empty() && result.missing.is_empty(),
        "{result:?}"
    );
    let loaded = parameters::collect(&model);
    assert_ne!(loaded, parameters::collect(&fresh()));
    let stored = sandbox.bytes("run/checkpoints/best/model.safetensors");
    assert_eq!(loaded, runtime::checkpoint::read_tensors(&stored).unwrap());
}
