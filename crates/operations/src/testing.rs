//! Equations for tests.

use kernels::testing::row_times;
use network::cell::{Cell, Nonlinearity};

/// A cell's equations in double precision.
pub struct Reference<'a> {
    cell: Cell,
    weight: &'a [f64],
    bias: &'a [f64],
    /// Gain and bias of the gates' sums.
    norm: Option<[&'a [f64]; 2]>,
}

/// Layer normalisation (Ba et al. 2016, equation 4).
pub fn normalise(values: &mut [f64], gain: &[f64], bias: &[f64]) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    for ((x, gain), bias) in values.iter_mut().zip(gain).zip(bias) {
        *x = (*x - mean) / (variance + 1e-5).sqrt() * gain + bias;
    }
}

impl<'a> Reference<'a> {
    /// `weight` is `[H, G*H]`, `bias` the GRU's `[H]`.
    pub fn new(cell: Cell, weight: &'a [f64], bias: &'a [f64]) -> Self {
        Self {
            cell,
            weight,
            bias,
            norm: None,
        }
    }

    /// The same with gates that are normalised, unless there are no gains, `[G*H]`.
    pub fn normalised(self, gain: &'a [f64], bias: &'a [f64]) -> Self {
        Self {
            norm: (!gain.is_empty()).then_some([gain, bias]),
            ..self
        }
    }

    /// A gate's sums as its nonlinearity sees them.
    fn finish(&self, gate: usize, mut sums: Vec<f64>) -> Vec<f64> {
        if let Some([gain, bias]) = self.norm {
            let own = gate * sums.len()..(gate + 1) * sums.len();
            normalise(&mut sums, &gain[own.clone()], &bias[own]);
        }
        sums
    }

    /// The new state and cell state from a projected input, `[G*H]`, and the previous ones, `[H]`.
    pub fn step(&self, x: &[f64], h: &[f64], c: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let width = h.len();
        let product = row_times(h, self.weight, x.len());
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let sums = |gate: usize| {
            let units = gate * width..(gate + 1) * width;
            let pairs = x[units.clone()].iter().zip(&product[units]);
            self.finish(gate, pairs.map(|(x, y)| x + y).collect())
        };
        match self.cell {
            Cell::Rnn(nonlinearity) => {
                let hidden = sums(0).into_iter().map(|x| match nonlinearity {
                    Nonlinearity::Tanh => x.tanh(),
                    Nonlinearity::Relu => x.max(0.0),
                });
                (hidden.collect(), Vec::new())
            }
            Cell::Gru => {
                let (reset, update) = (sums(0), sums(1));
                let new = (0..width).map(|j| {
                    let inner = product[2 * width + j] + self.bias[j];
                    x[2 * width + j] + sigmoid(reset[j]) * inner
                });
                let new = self.finish(2, new.collect());
                let hidden = (0..width).map(|j| {
                    let (z, n) = (sigmoid(update[j]), new[j].tanh());
                    (1.0 - z) * n + z * h[j]
                });
                (hidden.collect(), Vec::new())
            }
            Cell::Lstm => {
                let [input, forget, new, output] = [0, 1, 2, 3].map(sums);
                let cell: Vec<f64> = (0..width)
                    .map(|j| sigmoid(forget[j]) * c[j] + sigmoid(input[j]) * new[j].tanh())
                    .collect();
                let hidden = cell.iter().zip(output);
                let hidden = hidden.map(|(c, o)| sigmoid(o) * c.tanh()).collect();
                (hidden, cell)
            }
        }
    }
}
