//! Every optimiser against PyTorch's, as `scripts/make_optimiser_golden.py` wrote them down: the CPU's
//! kernels, and plain tensors, which another backend runs.

#![allow(deprecated)] // The ndarray backend is kept for choice; upstream marks it deprecated.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};
use model::initial::Initialiser;
use model::linear::Linear;
use model::parameters;
use serde::Deserialize;

use super::*;

type Lists = BTreeMap<String, Vec<f32>>;

#[derive(Deserialize)]
struct Golden {
    rate: f64,
    shapes: BTreeMap<String, Vec<usize>>,
    start: Lists,
    gradients: Vec<Lists>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    config: OptimizerConfig,
    clip_norm: f64,
    end: Lists,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../fixtures/optimisers.json")).unwrap()
}

impl Golden {
    /// Two layers, one with a bias, with the first values.
    fn layers(&self, device: &Device) -> Vec<Linear> {
        let initial = Initialiser::new(1, device);
        let layers = vec![
            Linear::new(&initial, 3, 5, true),
            Linear::new(&initial, 7, 1, false),
        ];
        let start = self.start.iter().map(|(name, data)| {
            let shape = self.shapes[name].clone();
            let data = data.clone();
            (name.clone(), Values { shape, data })
        });
        parameters::place(layers, start.collect()).unwrap()
    }

    /// The gradients of a step as a backward pass leaves them.
    fn gradients(&self, layers: &Vec<Linear>, step: &Lists) -> GradientSum {
        let times = |name: &str, tensor: Tensor<1>| {
            let data = TensorData::new(step[name].clone(), tensor.shape());
            (tensor.clone() * Tensor::from_data(data, &tensor.device())).sum()
        };
        let flat = |layer: &Linear| layer.weight.val().flatten::<1>(0, 1);
        let loss = times("0.weight", flat(&layers[0]))
            + times("0.bias", layers[0].bias.as_ref().unwrap().val())
            + times("1.weight", flat(&layers[1]));
        // Half of what is given, doubled again by the scale.
        let mut sum = GradientSum::new(2.0);
        sum.add(layers, (loss * 0.5).backward());
        sum
    }
}

fn check(device: &Device) {
    let golden = golden();
    for case in &golden.cases {
        let mut layers = golden.layers(&device.clone().autodiff());
        let mut optimiser = Optimiser::new(&case.config, case.clip_norm);
        for step in &golden.gradients {
            let gradients = golden.gradients(&layers, step);
            let squares = step.values().flatten().map(|&x| f64::from(x).powi(2));
            let wanted = squares.sum::<f64>().sqrt();
            let (moved, update) = optimiser.update(layers, gradients, golden.rate);
            assert!(
                (update.norm - wanted).abs() < 1e-5 * wanted,
                "{}",
                case.name
            );
            layers = moved;
        }
        let found = parameters::collect(&layers);
        assert_eq!(found.len(), case.end.len());
        for (name, wanted) in &case.end {
            for (x, y) in found[name].data.iter().zip(wanted) {
                let gap = (x - y).abs();
                assert!(
                    gap <= 2e-6 * y.abs().max(1.0),
                    "{}: {name}: {x} is not {y}",
                    case.name
                );
            }
        }
    }
}

#[test]
fn the_kernels_agree_with_pytorch() {
    check(&Device::flex());
}

#[cfg(feature = "ndarray")]
#[test]
fn plain_tensors_agree_with_pytorch() {
    check(&Device::ndarray());
}
