//! Dropout with masks drawn on the host, the same on every backend.

use std::cell::Cell;

use burn::tensor::Tensor;
pub use network::kind::DropoutKind;
use random::{Place, Purpose, Rows, Stream};

use operations::dropout;
pub use operations::dropout::Mask;

/// The randomness of one forward pass in training. A forward pass without it drops nothing.
#[derive(Debug)]
pub struct Noise {
    seed: u64,
    step: u64,
    rate: f32,
    layer_rate: f32,
    kind: DropoutKind,
    rows: Option<Rows>,
    drawn: Cell<u64>,
}

impl Noise {
    /// Noise of micro-batch number `step` of the run with `seed`; `rate` of the units are dropped.
    pub fn new(seed: u64, step: u64, rate: f64, kind: DropoutKind) -> Self {
        Self {
            seed,
            step,
            rate: rate as f32,
            layer_rate: rate as f32,
            kind,
            rows: None,
            drawn: Cell::new(0),
        }
    }

    /// The noise of some rows of a batch: masks are those that the rows have in the whole.
    pub fn of_rows(self, rows: Rows) -> Self {
        let is_part = rows.step > 1;
        Self {
            rows: is_part.then_some(rows),
            ..self
        }
    }

    /// The same noise, but for another `rate` between layers.
    pub fn with_layer_rate(self, rate: f64) -> Self {
        Self {
            layer_rate: rate as f32,
            ..self
        }
    }

    /// A mask for values of `shape`, `[time, batch, size]`, or `None` when nothing is dropped.
    pub fn mask(&self, shape: [usize; 3]) -> Option<Mask> {
        self.draw(self.rate, shape)
    }

    /// As [`Noise::mask`], for what goes from one layer to the next.
    pub fn layer_mask(&self, shape: [usize; 3]) -> Option<Mask> {
        self.draw(self.layer_rate, shape)
    }

    fn draw(&self, rate: f32, shape: [usize; 3]) -> Option<Mask> {
        if rate <= 0.0 {
            return None;
        }
        let index = self.drawn.get();
        self.drawn.set(index + 1);
        let [time, batch, size] = shape;
        let shape = match self.kind {
            DropoutKind::Plain => [time, batch, size],
            DropoutKind::Variational => [1, batch, size],
        };
        let mut values = kernels::storage::list(shape.iter().product());
        let place = Place {
            seed: self.seed,
            purpose: Purpose::Dropout,
            step: self.step,
            index,
        };
        let mut stream = Stream::new(place);
        match self.rows {
            None => stream.dropout(&mut values, rate),
            Some(rows) => stream.dropout_of_rows(&mut values, rate, rows, size),
        }
        Some(Mask { values, shape })
    }
}

/// Drops units of `values`, `[time, batch, size]`, in training.
pub fn dropout(values: Tensor<3>, noise: Option<&Noise>) -> Tensor<3> {
    let shape = values.dims();
    masked(values, noise.and_then(|noise| noise.mask(shape)))
}

/// As [`dropout()`], for what goes from one layer to the next.
pub fn layer_dropout(values: Tensor<3>, noise: Option<&Noise>) -> Tensor<3> {
    let shape = values.dims();
    masked(values, noise.and_then(|noise| noise.layer_mask(shape)))
}

fn masked(values: Tensor<3>, mask: Option<Mask>) -> Tensor<3> {
    match mask {
        Some(mask) => dropout::dropout(values, mask),
        None => values,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_may_have_a_rate_of_their_own() {
        let noise = || Noise::new(1, 2, 0.5, DropoutKind::Plain);
        let same = noise();
        assert!(same.layer_mask([2, 3, 4]).is_some());
        let none = noise().with_layer_rate(0.0);
        assert!(none.layer_mask([2, 3, 4]).is_none());
        assert!(none.mask([2, 3, 4]).is_some());
    }
}
