//! Dropout with masks drawn on the host, the same on every backend.

use std::cell::Cell;

use burn::tensor::{Device, Tensor, TensorData};
use random::{Place, Purpose, Stream};
use serde::{Deserialize, Serialize};

use crate::sequence;

/// Whether each time step draws its own mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DropoutKind {
    /// A mask for each position (Srivastava et al. 2014).
    Plain,
    /// One mask for all time steps of a sentence (Gal and Ghahramani 2016).
    Variational,
}

/// The randomness of one forward pass in training. A forward pass without it drops nothing.
#[derive(Debug)]
pub struct Noise {
    seed: u64,
    step: u64,
    rate: f32,
    kind: DropoutKind,
    drawn: Cell<u64>,
}

impl Noise {
    /// Noise of micro-batch number `step` of the run with `seed`; `rate` of the units are dropped.
    pub fn new(seed: u64, step: u64, rate: f64, kind: DropoutKind) -> Self {
        Self {
            seed,
            step,
            rate: rate as f32,
            kind,
            drawn: Cell::new(0),
        }
    }

    /// A mask for values of `shape`, `[time, batch, size]`, or `None` when nothing is dropped.
    pub fn mask(&self, shape: [usize; 3]) -> Option<Mask> {
        if self.rate <= 0.0 {
            return None;
        }
        let index = self.drawn.get();
        self.drawn.set(index + 1);
        let [time, batch, size] = shape;
        let shape = match self.kind {
            DropoutKind::Plain => [time, batch, size],
            DropoutKind::Variational => [1, batch, size],
        };
        let mut values = kernels::memory::list(shape.iter().product());
        let place = Place {
            seed: self.seed,
            purpose: Purpose::Dropout,
            step: self.step,
            index,
        };
        Stream::new(place).dropout(&mut values, self.rate);
        Some(Mask { values, shape })
    }
}

/// What values are multiplied by, on the host.
#[derive(Debug, Clone)]
pub struct Mask {
    /// Zero for units that are dropped, time-major.
    pub values: Vec<f32>,
    /// `[time, batch, size]`; time is 1 when every step shares the mask.
    pub shape: [usize; 3],
}

impl Mask {
    /// The mask on `device`.
    pub fn tensor(self, device: &Device) -> Tensor<3> {
        Tensor::from_data(TensorData::new(self.values, self.shape), device)
    }
}

/// Drops units of `values`, `[time, batch, size]`, in training.
pub fn dropout(values: Tensor<3>, noise: Option<&Noise>) -> Tensor<3> {
    match noise.and_then(|noise| noise.mask(values.dims())) {
        Some(mask) => sequence::dropout(values, mask),
        None => values,
    }
}
