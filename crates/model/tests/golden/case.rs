//! Fixtures, and comparisons with them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Gradients, Tensor, TensorData};
use model::cell::CellKind;
use model::parameters::{self, Parameters, Values};
use model::{ModelConfig, Padded, Seq2Seq, pytorch};
use safetensors::{Dtype, SafeTensors};

const SOURCE_WORDS: usize = 11;
const TARGET_WORDS: usize = 13;

/// Of an output, in units of its largest value (or of 1).
pub(crate) const OUTPUT_TOLERANCE: f32 = 1e-5;
/// Of a gradient, in units of its largest value.
const GRADIENT_TOLERANCE: f32 = 1e-4;

/// One fixture.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) config: ModelConfig,
    pub(crate) numbers: Parameters,
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
    pub(crate) fn model(&self, device: &Device) -> Seq2Seq {
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

    pub(crate) fn input<const D: usize>(&self, name: &str, device: &Device) -> Tensor<D> {
        let tensor = self.tensor(&format!("inputs/{name}"), device);
        if device.is_autodiff() {
            tensor.require_grad()
        } else {
            tensor
        }
    }

    pub(crate) fn ids(&self, name: &str) -> &[i32] {
        &self.integers[&format!("inputs/{name}")]
    }

    pub(crate) fn lengths(&self, name: &str) -> Vec<usize> {
        self.ids(name)
            .iter()
            .map(|&length| length as usize)
            .collect()
    }

    pub(crate) fn words<'a>(&'a self, name: &str, lengths: &'a [usize]) -> Padded<'a> {
        let ids = self.ids(name);
        let time = ids.len() / lengths.len();
        Padded { ids, lengths, time }
    }

    /// Compares an output and returns its share of the loss.
    pub(crate) fn output<const D: usize>(&self, name: &str, found: Tensor<D>) -> Tensor<1> {
        let golden = &self.numbers[&format!("outputs/{name}")];
        self.close(name, &values(found.clone()), golden, OUTPUT_TOLERANCE, 1.0);
        let cotangent = self.tensor(&format!("cotangents/{name}"), &found.device());
        (found * cotangent).sum()
    }

    /// Compares the gradient of every parameter that the fixture has.
    pub(crate) fn gradients(&self, model: &Seq2Seq, gradients: &Gradients) {
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
    pub(crate) fn input_gradient<const D: usize>(
        &self,
        name: &str,
        input: &Tensor<D>,
        gradients: &Gradients,
    ) {
        let golden = &self.numbers[&format!("input_gradients/{name}")];
        let found = input
            .grad(gradients)
            .unwrap_or_else(|| input.zeros_like().inner());
        self.close(name, &values(found), golden, GRADIENT_TOLERANCE, 1e-3);
    }

    pub(crate) fn close(
        &self,
        what: &str,
        found: &Values,
        golden: &Values,
        tolerance: f32,
        least: f32,
    ) {
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

pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Values {
    Values {
        shape: tensor.dims().to_vec(),
        data: tensor.into_data().iter::<f32>().collect(),
    }
}

/// Runs `check` on every case of a family, on each backend.
pub(crate) fn each(family: &str, count: usize, check: impl Fn(&Case, &Device)) {
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
