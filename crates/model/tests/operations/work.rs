//! One run of an operation: numbers that go in, results and gradients that come out.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use model::initial::Initialiser;
use model::parameters;

/// Results and gradients by name.
pub type Outcome = BTreeMap<String, Vec<f32>>;

type Read = Box<dyn Fn(&Gradients) -> Outcome>;

/// A run on its way.
pub struct Work {
    device: Device,
    drawn: u64,
    gradients: Vec<Read>,
    results: Vec<(String, Tensor<1>)>,
}

impl Work {
    pub fn new(device: &Device) -> Self {
        Self {
            device: device.clone().autodiff(),
            drawn: 0,
            gradients: Vec::new(),
            results: Vec::new(),
        }
    }

    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Draws what [`Work::parameters`] replaces.
    pub fn initial(&self) -> Initialiser {
        Initialiser::new(1, &self.device)
    }

    /// Numbers from -1 to 1, others each time, the same on every device.
    pub fn numbers(&mut self, count: usize) -> Vec<f32> {
        self.drawn += 1;
        let mut state = self.drawn.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    /// A tensor that no gradient is wanted of.
    pub fn constant<const D: usize>(&mut self, shape: [usize; D]) -> Tensor<D> {
        let values = self.numbers(shape.iter().product());
        Tensor::from_data(TensorData::new(values, shape), &self.device)
    }

    /// Dropout's factors: about half of them zero.
    pub fn mask(&mut self, shape: [usize; 3]) -> Tensor<3> {
        self.constant(shape).greater_elem(0.0).float() * 2.0
    }

    /// A tensor whose gradient is compared.
    pub fn input<const D: usize>(&mut self, name: &str, shape: [usize; D]) -> Tensor<D> {
        let tensor = self.constant(shape).require_grad();
        let (name, kept) = (name.to_owned(), tensor.clone());
        self.gradients.push(Box::new(move |gradients| {
            let gradient = kept.grad(gradients).map(numbers);
            Outcome::from_iter(gradient.map(|gradient| (name.clone(), gradient)))
        }));
        tensor
    }

    /// `module` with other numbers, whose gradients are compared.
    pub fn parameters<M: Module + 'static>(&mut self, module: M) -> M {
        let mut values = parameters::collect(&module);
        for values in values.values_mut() {
            // Sums stay about as large as the numbers that are summed.
            let scale = match values.shape[..] {
                [inputs, _] => (3.0 / inputs as f32).sqrt(),
                _ => 1.0,
            };
            let drawn = self.numbers(values.data.len());
            values.data = drawn.into_iter().map(|value| scale * value).collect();
        }
        let module = parameters::place(module, values).unwrap();
        let kept = module.clone();
        self.gradients.push(Box::new(move |gradients| {
            let found = parameters::gradients(&kept, gradients).into_iter();
            found.map(|(name, values)| (name, values.data)).collect()
        }));
        module
    }

    /// Takes a result down.
    pub fn result<const D: usize>(&mut self, name: &str, tensor: Tensor<D>) {
        let count = tensor.shape().num_elements();
        self.results
            .push((name.to_owned(), tensor.reshape([count])));
    }

    /// The results and the gradients of their sum, each number with a weight of its own.
    pub fn finish(mut self) -> Outcome {
        let mut outcome = Outcome::new();
        let mut sum = None;
        for (name, result) in std::mem::take(&mut self.results) {
            let weights = self.constant(result.dims());
            let part = (result.clone() * weights).sum();
            sum = Some(match sum {
                Some(sum) => part + sum,
                None => part,
            });
            outcome.insert(format!("result {name}"), numbers(result));
        }
        let gradients = sum.unwrap().backward();
        for read in &self.gradients {
            for (name, gradient) in read(&gradients) {
                let before = outcome.insert(format!("gradient of {name}"), gradient);
                assert!(before.is_none(), "two things are called {name}");
            }
        }
        outcome
    }
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// Asserts that two outcomes agree: results to 1e-5, gradients to 1e-4 of the largest number of their
/// kind, each times `factor`. A gradient that is missing is one of zeros.
pub fn assert_close(name: &str, found: &Outcome, wanted: &Outcome, factor: f32) {
    let names: Vec<&String> = found.keys().chain(wanted.keys()).collect();
    assert!(names.iter().any(|name| name.starts_with("gradient")));
    for part in names {
        let zeros = |other: Option<&Vec<f32>>| vec![0.0; other.map_or(0, Vec::len)];
        let left = found.get(part).cloned();
        let left = left.unwrap_or_else(|| zeros(wanted.get(part)));
        let right = wanted.get(part).cloned();
        let right = right.unwrap_or_else(|| zeros(found.get(part)));
        assert_eq!(left.len(), right.len(), "{name}: {part}");
        let tolerance = if part.starts_with("result") {
            1e-5
        } else {
            1e-4
        };
        let largest = right.iter().fold(1e-2f32, |most, x| most.max(x.abs()));
        for (place, (x, y)) in left.iter().zip(&right).enumerate() {
            assert!(
                (x - y).abs() <= factor * tolerance * largest,
                "{name}: {part} at {place}: {x} is not {y}"
            );
        }
    }
}
