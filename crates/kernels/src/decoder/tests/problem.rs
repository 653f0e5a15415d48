//! A decoder's inputs, and what it computes of them by its equations.

use super::super::*;
use crate::cell::Cell;
use crate::testing::{Reference, assert_close, differences, random, row_times, wide};

/// What a decoder may have beside layers, queries and keys.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Focus {
    pub coverage: bool,
    pub window: Option<usize>,
    pub predicts: bool,
    pub before: bool,
    pub residual: bool,
    pub norm: bool,
    /// Whether a weight makes queries of states for a multiplicative energy.
    pub asks: bool,
}

/// A problem's numbers, in the order of [`Problem::inputs`].
pub(super) struct Problem {
    cell: Cell,
    shape: Shape,
    focus: Focus,
    layers: usize,
    additive: bool,
    lengths: Vec<usize>,
    numbers: Vec<Vec<f32>>,
}

/// Lists before the first layer's, and in each layer.
const SHARED: usize = 11;
const EACH: usize = 9;
const SCALE: f32 = 0.7;

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
                        hidden_bias: &n[3],
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
            memory: &n[1],
            keys: &n[2],
            lengths: &self.lengths,
            energy: if self.additive {
                Energy::Additive {
                    query_weight: &n[3],
                    bias: &n[4],
                    vector: &n[5],
                }
            } else {
                Energy::Multiplicative {
                    query_weight: &n[3],
                    scale: SCALE,
                }
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
            before: self.focus.before,
            combine_weight: &n[6],
            combine_bias: &n[7],
        }
    }

    /// Outputs and attention weights in double precision, one row at a time.
    fn reference(&self, n: &[Vec<f64>]) -> [Vec<f64>; 2] {
        let Shape {
            time,
            batch,
            source,
            hidden,
            ..
        } = self.shape;
        let gates = self.cell.gates() * hidden;
        let mut outputs = vec![0.0; time * batch * hidden];
        let mut all_weights = vec![0.0; time * batch * source];
        let projected = &n[0];
        for row in 0..batch {
            let initial = |list: &Vec<f64>| -> Vec<f64> {
                list.get(row * hidden..(row + 1) * hidden)
                    .unwrap_or(&[])
                    .to_vec()
            };
            let mut states: Vec<[Vec<f64>; 2]> = (0..self.layers)
                .map(|layer| [4, 5].map(|i| initial(&n[SHARED + layer * EACH + i])))
                .collect();
            let mut feed = vec![0.0; hidden];
            let mut sums = vec![0.0; source];
            for t in 0..time {
                let at = t * batch + row;
                let mut asked = None;
                if self.focus.before {
                    asked = Some(self.attend(n, row, t, &states[self.layers - 1][0], &sums));
                }
                let mut below = match &asked {
                    Some((context, _)) => context.clone(),
                    None => feed.clone(),
                };
                for layer in 0..self.layers {
                    let n = &n[SHARED + layer * EACH..];
                    let input = below.clone();
                    if !n[6].is_empty() {
                        below
                            .iter_mut()
                            .zip(&n[6][at * hidden..])
                            .for_each(|(x, m)| *x *= m);
                    }
                    let mut x = row_times(&below, &n[0], gates);
                    let bias = if layer == 0 {
                        &projected[at * gates..]
                    } else {
                        &n[1]
                    };
                    x.iter_mut().zip(bias).for_each(|(x, b)| *x += b);
                    let [h, c] = &states[layer];
                    let (h, c) = Reference::new(self.cell, &n[2], &n[3]).step(&x, h, c);
                    below.clone_from(&h);
                    states[layer] = [h, c];
                    if self.focus.residual && layer > 0 {
                        below.iter_mut().zip(&input).for_each(|(h, x)| *h += x);
                    }
                    if self.focus.norm {
                        normalise(&mut below, &n[7], &n[8]);
                    }
                }
                let (context, weights) =
                    asked.unwrap_or_else(|| self.attend(n, row, t, &below, &sums));
                for (s, weight) in weights.iter().enumerate() {
                    sums[s] += weight;
                    all_weights[at * source + s] = *weight;
                }
                below.extend(context);
                feed = row_times(&below, &n[6], hidden);
                feed.iter_mut()
                    .zip(&n[7])
                    .for_each(|(f, b)| *f = (*f + b).tanh());
                outputs[at * hidden..(at + 1) * hidden].copy_from_slice(&feed);
            }
        }
        [outputs, all_weights]
    }

    /// The context and the weights of a row whose state asks, with the sums of its weights before.
    fn attend(
        &self,
        n: &[Vec<f64>],
        row: usize,
        time: usize,
        state: &[f64],
        sums: &[f64],
    ) -> (Vec<f64>, Vec<f64>) {
        let Shape { keys, heads, .. } = self.shape;
        let query = if n[3].is_empty() {
            state.to_vec()
        } else {
            let mut query = row_times(state, &n[3], keys);
            query.iter_mut().zip(&n[4]).for_each(|(q, b)| *q += b);
            query
        };
        let mut context = vec![];
        let mut means = vec![0.0; self.lengths[row]];
        for (head, query) in query.chunks_exact(keys / heads).enumerate() {
            let (part, weights) = self.attend_by(n, row * heads + head, time, state, query, sums);
            context.extend(part);
            for (mean, weight) in means.iter_mut().zip(weights) {
                *mean += weight / heads as f64;
            }
        }
        (context, means)
    }

    /// What one head of a row finds; `answer` counts the heads of all rows.
    fn attend_by(
        &self,
        n: &[Vec<f64>],
        answer: usize,
        time: usize,
        state: &[f64],
        query: &[f64],
        sums: &[f64],
    ) -> (Vec<f64>, Vec<f64>) {
        let Shape {
            source,
            hidden,
            heads,
            ..
        } = self.shape;
        let (keys, memory) = (self.shape.keys / heads, self.shape.memory / heads);
        let length = self.lengths[answer / heads];
        let mut center = time.min(length - 1) as f64;
        if self.focus.predicts {
            let place: f64 = row_times(state, &n[9], hidden)
                .iter()
                .zip(&n[10])
                .map(|(x, v)| x.tanh() * v)
                .sum();
            center = length as f64 / (1.0 + (-place).exp());
        }
        let window = self
            .focus
            .window
            .map_or(f64::INFINITY, |window| window as f64);
        let far = |s: usize| (s as f64 - center).abs();
        let masses: Vec<f64> = (0..length)
            .map(|s| {
                let key = &n[2][(answer * source + s) * keys..][..keys];
                let energy: f64 = (0..keys)
                    .map(|a| match self.additive {
                        true => {
                            let covered = n[8].get(a).map_or(0.0, |w| w * sums[s]);
                            n[5][a] * (key[a] + query[a] + covered).tanh()
                        }
                        false => f64::from(SCALE) * key[a] * query[a],
                    })
                    .sum();
                if far(s) > window { 0.0 } else { energy.exp() }
            })
            .collect();
        let total: f64 = masses.iter().sum();
        let mut context = vec![0.0; memory];
        let mut weights = Vec::with_capacity(length);
        for (s, mass) in masses.iter().enumerate() {
            let mut weight = mass / total;
            if self.focus.predicts {
                weight *= (-2.0 * (far(s) / window).powi(2)).exp();
            }
            let vector = &n[1][(answer * source + s) * memory..][..memory];
            context
                .iter_mut()
                .zip(vector)
                .for_each(|(c, m)| *c += weight * m);
            weights.push(weight);
        }
        (context, weights)
    }

    /// Compares values, and all gradients of a random weighting of the outputs and of the weights.
    pub fn check(&self, gradients: bool) {
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
        let mut lists = vec![
            ("projected", actual.projected),
            ("memory", actual.memory),
            ("keys", actual.keys),
            ("query weight", actual.query_weight),
            ("query bias", actual.bias),
            ("vector", actual.vector),
            ("combine weight", actual.combine_weight),
            ("combine bias", actual.combine_bias),
            ("coverage", actual.coverage),
            ("position weight", actual.position_weight),
            ("position vector", actual.position_vector),
        ];
        for layer in actual.layers {
            lists.extend([
                ("input weight", layer.input_weight),
                ("bias", layer.bias),
                ("hidden weight", layer.hidden_weight),
                ("hidden bias", layer.hidden_bias),
                ("initial hidden", layer.initial_hidden),
                ("initial cell", layer.initial_cell),
                ("", Vec::new()),
                ("gain", layer.gain),
                ("norm bias", layer.norm_bias),
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

fn normalise(values: &mut [f64], gain: &[f64], bias: &[f64]) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    for ((x, gain), bias) in values.iter_mut().zip(gain).zip(bias) {
        *x = (*x - mean) / (variance + 1e-5).sqrt() * gain + bias;
    }
}
