//! Equations for tests.

use kernels::testing::row_times;
use network::cell::{Cell, Nonlinearity};

/// A cell's equations in double precision.
pub struct Reference<'a> {
    cell: Cell,
    weight: &'a [f64],
    bias: &'a [f64],
}

impl<'a> Reference<'a> {
    /// `weight` is `[H, G*H]`, `bias` the GRU's `[H]`.
    pub fn new(cell: Cell, weight: &'a [f64], bias: &'a [f64]) -> Self {
        Self { cell, weight, bias }
    }

    /// The new state and cell state from a projected input, `[G*H]`, and the previous ones, `[H]`.
    pub fn step(&self, x: &[f64], h: &[f64], c: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let width = h.len();
        let product = row_times(h, self.weight, x.len());
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let mut hidden = vec![0.0; width];
        let mut cell = vec![0.0; if self.cell == Cell::Lstm { width } else { 0 }];
        for j in 0..width {
            let at = |gate: usize| x[gate * width + j] + product[gate * width + j];
            hidden[j] = match self.cell {
                Cell::Rnn(Nonlinearity::Tanh) => at(0).tanh(),
                Cell::Rnn(Nonlinearity::Relu) => at(0).max(0.0),
                Cell::Gru => {
                    let (r, z) = (sigmoid(at(0)), sigmoid(at(1)));
                    let inner = product[2 * width + j] + self.bias[j];
                    let n = (x[2 * width + j] + r * inner).tanh();
                    (1.0 - z) * n + z * h[j]
                }
                Cell::Lstm => {
                    cell[j] = sigmoid(at(1)) * c[j] + sigmoid(at(0)) * at(2).tanh();
                    sigmoid(at(3)) * cell[j].tanh()
                }
            };
        }
        (hidden, cell)
    }
}
