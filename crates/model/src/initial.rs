//! Initial values of parameters, drawn on the host: the same on every backend.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};
use random::{Place, Purpose, Stream};

/// Draws the initial values of a model's parameters.
///
/// Each parameter's numbers depend on the seed and on its name alone, so that a change in one
/// place of a model leaves the others' first values as they were.
#[derive(Debug, Clone)]
pub struct Initialiser {
    seed: u64,
    device: Device,
    path: String,
}

impl Initialiser {
    /// Draws for the run with `seed`, on `device`.
    pub fn new(seed: u64, device: &Device) -> Self {
        Self {
            seed,
            device: device.clone(),
            path: String::new(),
        }
    }

    /// The same source for the part called `name`.
    pub fn part(&self, name: &str) -> Self {
        Self {
            path: format!("{}.{name}", self.path),
            ..self.clone()
        }
    }

    /// The device parameters are made on.
    pub fn device(&self) -> &Device {
        &self.device
    }

    fn stream(&self, name: &str) -> Stream {
        // FNV-1a: any fixed hash does, it only has to tell names apart.
        let index = self
            .path
            .bytes()
            .chain(name.bytes())
            .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
            });
        Stream::new(Place {
            seed: self.seed,
            purpose: Purpose::Weights,
            step: 0,
            index,
        })
    }

    /// `count` numbers for the parameter `name`, uniform in `[-bound, bound)`.
    pub fn numbers(&self, name: &str, count: usize, bound: f32) -> Vec<f32> {
        let mut stream = self.stream(name);
        (0..count).map(|_| stream.uniform(-bound, bound)).collect()
    }

    /// A matrix `[rows, columns]`, uniform in `[-bound, bound)`.
    pub fn uniform(&self, name: &str, [rows, columns]: [usize; 2], bound: f32) -> Param<Tensor<2>> {
        let values = self.numbers(name, rows * columns, bound);
        Param::from_data(TensorData::new(values, [rows, columns]), &self.device)
    }

    /// A weight `[input, output]` whose columns are `blocks` matrices side by side, each drawn as
    /// Glorot and Bengio (2010) propose: uniform within sqrt(6 / (input + output of the block)).
    pub fn weight(
        &self,
        name: &str,
        input: usize,
        output: usize,
        blocks: usize,
    ) -> Param<Tensor<2>> {
        let bound = (6.0 / (input + output / blocks) as f32).sqrt();
        self.uniform(name, [input, output], bound)
    }

    /// A vector of given values.
    pub fn vector(&self, values: Vec<f32>) -> Param<Tensor<1>> {
        let size = values.len();
        Param::from_data(TensorData::new(values, [size]), &self.device)
    }
}
