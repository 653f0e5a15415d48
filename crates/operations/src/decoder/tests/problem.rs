//! A decoder's inputs, and what it must make of them.

use crate::attention::cpu::steps;
use crate::cell::cpu::Parameters;
use crate::decoder::cpu::*;
use crate::layer_norm::cpu::Norm;
use kernels::testing::{assert_close, differences, random, under_each_cap, wide};
use network::Energy;
use network::cell::Cell;

/// Options of a decoder beside layers, queries and keys.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Focus {
    pub coverage: bool,
    pub window: Option<usize>,
    pub predicts: bool,
    pub before: bool,
    pub residual: bool,
    pub norm: bool,
    pub gates: bool,
    /// Whether a weight makes queries of states for a multiplicative energy.
    pub asks: bool,
}

/// A problem's numbers, in the order of [`Problem::inputs`].
pub(super) struct Problem {
    pub cell: Cell,
    pub shape: Shape,
    pub focus: Focus,
    pub layers: usize,
    pub additive: bool,
    pub lengths: Vec<usize>,
    pub numbers: Vec<Vec<f32>>,
}

/// Lists before the first layer's, and in each layer.
pub(super) const SHARED: usize = 11;
pub(super) const EACH: usize = 11;
pub(super) const SCALE: f32 = 0.7;

impl Problem {
    pub fn new(cell: Cell, shape: Shape, layers: usize, additive: bool, lengths: &[usize]) -> Self {
        Self::with(
            cell,
            shape,
            layers,
            additive,
            lengths,
            layers > 1,
            Focus::default(),
        )
    }

    pub fn with(
        cell: Cell,
        shape: Shape,
        layers: usize,
        additive: bool,
        lengths: &[usize],
        dropout: bool,
        focus: Focus,
    ) -> Self {
        let Shape {
            time,
            batch,
            source,
            hidden,
            memory,
            keys,
            ..
        } = shape;
        let gates = cell.gates() * hidden;
        let only = |present: bool, size: usize| if present { size } else { 0 };
        let mut sizes = vec![
            time * batch * gates,
            batch * source * memory,
            batch * source * keys,
            only(additive || focus.asks, hidden * keys),
            only(additive, keys),
            only(additive, keys),
            (hidden + memory) * hidden,
            hidden,
            only(focus.coverage, keys),
            only(focus.predicts, hidden * hidden),
            only(focus.predicts, hidden),
        ];
        for layer in 0..layers {
            let context = layer == 0 && focus.before;
            sizes.extend([
                if context { memory } else { hidden } * gates,
                only(layer > 0, gates),
                hidden * gates,
                only(cell == Cell::Gru, hidden),
                batch * hidden,
                only(cell == Cell::Lstm, batch * hidden),
                only(layer > 0 && dropout, time * batch * hidden),
                only(focus.norm, hidden),
                only(focus.norm, hidden),
                only(focus.gates, gates),
                only(focus.gates, gates),
            ]);
        }
        let mut numbers: Vec<Vec<f32>> = sizes
            .iter()
            .enumerate()
            .map(|(i, &size)| random(size, i as u64 + 1))
            .collect();
        let scale = (1.0 / hidden as f32).sqrt() * 1.2;
        for (i, list) in numbers.iter_mut().enumerate() {
            let weight =
                [3, 6, 9].contains(&i) || i >= SHARED && [0, 2].contains(&((i - SHARED) % EACH));
            if weight {
                list.iter_mut().for_each(|x| *x *= scale);
            }
        }
        let lengths = lengths.to_vec();
        Self {
            cell,
            shape,
            focus,
            layers,
            additive,
            lengths,
            numbers,
        }
    }

    pub fn inputs(&self) -> Inputs<'_> {
        let n = &self.numbers;
        Inputs {
            projected: &n[0],
            layers: (0..self.layers)
                .map(|layer| {
                    let n = &n[SHARED + layer * EACH..];
                    Layer {
                        input_weight: &n[0],
                        bias: &n[1],
                        hidden_weight: &n[2],
                        parameters: Parameters {
                            hidden_bias: &n[3],
                            gain: &n[9],
                            norm_bias: &n[10],
                        },
                        initial_hidden: &n[4],
                        initial_cell: &n[5],
                        dropout: &n[6],
                        residual: self.focus.residual && layer > 0,
                        norm: self.focus.norm.then_some(Norm {
                            gain: &n[7],
                            bias: &n[8],
                        }),
                    }
                })
                .collect(),
            attention: steps::Inputs {
                memory: &n[1],
                keys: &n[2],
                lengths: &self.lengths,
                query_weight: &n[3],
                query_bias: &n[4],
                energy: match self.additive {
                    true => Energy::Additive(&n[5]),
                    false => Energy::Multiplicative(SCALE),
                },
                coverage: &n[8],
                reach: match self.focus.window {
                    None => Reach::Everywhere,
                    Some(window) if self.focus.predicts => Reach::Predictive {
                        window,
                        weight: &n[9],
                        vector: &n[10],
                    },
                    Some(window) => Reach::Monotonic { window },
                },
            },
            before: self.focus.before,
            combine_weight: &n[6],
            combine_bias: &n[7],
        }
    }

    /// [`Self::check_once`], under each cap.
    pub fn check(&self, gradients: bool) {
        under_each_cap(|| self.check_once(gradients));
    }

    /// Compares values, and all gradients of a random weighting of the outputs and of the weights.
    fn check_once(&self, gradients: bool) {
        let numbers: Vec<Vec<f64>> = self.numbers.iter().map(|x| wide(x)).collect();
        let [outputs, weights] = self.reference(&numbers);
        let inputs = self.inputs();
        let actual = forward(self.cell, self.shape, &inputs);
        assert_close("outputs", &actual.outputs, &outputs, 1e-5);
        assert_close("weights", &actual.saved.weights(), &weights, 1e-5);
        if !gradients {
            return;
        }
        let upstream = random(outputs.len(), 99);
        let of_weights = random(weights.len(), 98);
        let actual = backward(
            self.cell,
            self.shape,
            &inputs,
            &actual.saved,
            &upstream,
            &of_weights,
        );
        let asked = actual.attention;
        let mut lists = vec![
            ("projected", actual.projected),
            ("memory", asked.memory),
            ("keys", asked.keys),
            ("query weight", asked.query_weight),
            ("query bias", asked.query_bias),
            ("vector", asked.vector),
            ("combine weight", actual.combine_weight),
            ("combine bias", actual.combine_bias),
            ("coverage", asked.coverage),
            ("position weight", asked.position_weight),
            ("position vector", asked.position_vector),
        ];
        for layer in actual.layers {
            lists.extend([
                ("input weight", layer.input_weight),
                ("bias", layer.bias),
                ("hidden weight", layer.hidden_weight),
                ("hidden bias", layer.cell.parameters.hidden_bias),
                ("initial hidden", layer.cell.initial_hidden),
                ("initial cell", layer.cell.initial_cell),
                ("", Vec::new()),
                ("gain", layer.gain),
                ("norm bias", layer.norm_bias),
                ("gates' gain", layer.cell.parameters.gain),
                ("gates' bias", layer.cell.parameters.norm_bias),
            ]);
        }
        for (i, (name, actual)) in lists
            .iter()
            .enumerate()
            .filter(|(_, list)| !list.0.is_empty())
        {
            let expected = differences(&numbers[i], |values| {
                let mut numbers = numbers.clone();
                numbers[i] = values.to_vec();
                let [outputs, weights] = self.reference(&numbers);
                let outputs = outputs.iter().zip(&upstream);
                let weights = weights.iter().zip(&of_weights);
                outputs.chain(weights).map(|(y, &w)| y * f64::from(w)).sum()
            });
            assert_close(
                &format!("{:?} {:?} {i} {name}", self.cell, self.focus),
                actual,
                &expected,
                1e-4,
            );
        }
    }
}
