//! The decoder against its equations in double precision, and its gradients against their differences.

use super::*;
use crate::cell::{Cell, Nonlinearity};
use crate::testing::{Reference, assert_close, differences, random, row_times, wide};

/// A problem's numbers, in the order of [`Problem::inputs`].
struct Problem {
    cell: Cell,
    shape: Shape,
    layers: usize,
    additive: bool,
    lengths: Vec<usize>,
    numbers: Vec<Vec<f32>>,
}

/// Lists before the first layer's, and in each layer.
const SHARED: usize = 8;
const EACH: usize = 7;
const SCALE: f32 = 0.7;

impl Problem {
    fn new(cell: Cell, shape: Shape, layers: usize, additive: bool, lengths: &[usize]) -> Self {
        Self::with_dropout(cell, shape, layers, additive, lengths, layers > 1)
    }

    fn with_dropout(
        cell: Cell,
        shape: Shape,
        layers: usize,
        additive: bool,
        lengths: &[usize],
        dropout: bool,
    ) -> Self {
        let Shape {
            time,
            batch,
            source,
            hidden,
            memory,
            keys,
        } = shape;
        let gates = cell.gates() * hidden;
        let only = |present: bool, size: usize| if present { size } else { 0 };
        let mut sizes = vec![
            time * batch * gates,
            batch * source * memory,
            batch * source * keys,
            only(additive, hidden * keys),
            only(additive, keys),
            only(additive, keys),
            (hidden + memory) * hidden,
            hidden,
        ];
        for layer in 0..layers {
            sizes.extend([
                hidden * gates,
                only(layer > 0, gates),
                hidden * gates,
                only(cell == Cell::Gru, hidden),
                batch * hidden,
                only(cell == Cell::Lstm, batch * hidden),
                only(layer > 0 && dropout, time * batch * hidden),
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
                [3, 6].contains(&i) || i >= SHARED && [0, 2].contains(&((i - SHARED) % EACH));
            if weight {
                list.iter_mut().for_each(|x| *x *= scale);
            }
        }
        let lengths = lengths.to_vec();
        Self {
            cell,
            shape,
            layers,
            additive,
            lengths,
            numbers,
        }
    }

    fn inputs(&self) -> Inputs<'_> {
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
                Energy::Multiplicative { scale: SCALE }
            },
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
            memory,
            keys,
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
            for t in 0..time {
                let at = t * batch + row;
                let mut below = feed.clone();
                for layer in 0..self.layers {
                    let n = &n[SHARED + layer * EACH..];
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
                }
                let length = self.lengths[row];
                let query = if self.additive {
                    let mut query = row_times(&below, &n[3], keys);
                    query.iter_mut().zip(&n[4]).for_each(|(q, b)| *q += b);
                    query
                } else {
                    below.clone()
                };
                let energies: Vec<f64> = (0..length)
                    .map(|s| {
                        let key = &n[2][(row * source + s) * keys..][..keys];
                        let pairs = key.iter().zip(&query);
                        if self.additive {
                            pairs.zip(&n[5]).map(|((k, q), v)| v * (k + q).tanh()).sum()
                        } else {
                            f64::from(SCALE) * pairs.map(|(k, q)| k * q).sum::<f64>()
                        }
                    })
                    .collect();
                let total: f64 = energies.iter().map(|e| e.exp()).sum();
                let mut both = below;
                both.resize(hidden + memory, 0.0);
                for (s, energy) in energies.iter().enumerate() {
                    let weight = energy.exp() / total;
                    all_weights[at * source + s] = weight;
                    let vector = &n[1][(row * source + s) * memory..][..memory];
                    both[hidden..]
                        .iter_mut()
                        .zip(vector)
                        .for_each(|(c, m)| *c += weight * m);
                }
                feed = row_times(&both, &n[6], hidden);
                feed.iter_mut()
                    .zip(&n[7])
                    .for_each(|(f, b)| *f = (*f + b).tanh());
                outputs[at * hidden..(at + 1) * hidden].copy_from_slice(&feed);
            }
        }
        [outputs, all_weights]
    }

    /// Compares values, and all gradients of a random weighting of the outputs.
    fn check(&self, gradients: bool) {
        let numbers: Vec<Vec<f64>> = self.numbers.iter().map(|x| wide(x)).collect();
        let [outputs, weights] = self.reference(&numbers);
        let inputs = self.inputs();
        let actual = forward(self.cell, self.shape, &inputs);
        assert_close("outputs", &actual.outputs, &outputs, 1e-5);
        assert_close("weights", &actual.weights, &weights, 1e-5);
        if !gradients {
            return;
        }
        let upstream = random(outputs.len(), 99);
        let actual = backward(self.cell, self.shape, &inputs, &actual.saved, &upstream);
        let mut lists = vec![
            ("projected", actual.projected),
            ("memory", actual.memory),
            ("keys", actual.keys),
            ("query weight", actual.query_weight),
            ("query bias", actual.bias),
            ("vector", actual.vector),
            ("combine weight", actual.combine_weight),
            ("combine bias", actual.combine_bias),
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
                let [outputs, _] = self.reference(&numbers);
                outputs
                    .iter()
                    .zip(&upstream)
                    .map(|(y, &w)| y * f64::from(w))
                    .sum()
            });
            assert_close(
                &format!("{:?} {i} {name}", self.cell),
                actual,
                &expected,
                1e-4,
            );
        }
    }
}

const CELLS: [Cell; 4] = [
    Cell::Lstm,
    Cell::Gru,
    Cell::Rnn(Nonlinearity::Tanh),
    Cell::Rnn(Nonlinearity::Relu),
];

#[test]
fn additive_values_and_gradients() {
    let shape = Shape {
        time: 3,
        batch: 2,
        source: 3,
        hidden: 4,
        memory: 5,
        keys: 3,
    };
    for cell in CELLS {
        Problem::new(cell, shape, 1, true, &[3, 1]).check(true);
    }
}

#[test]
fn multiplicative_values_and_gradients() {
    let shape = Shape {
        time: 3,
        batch: 2,
        source: 4,
        hidden: 4,
        memory: 3,
        keys: 4,
    };
    for cell in CELLS {
        Problem::new(cell, shape, 1, false, &[2, 4]).check(true);
    }
}

#[test]
fn several_layers_with_and_without_dropout() {
    let shape = Shape {
        time: 3,
        batch: 2,
        source: 2,
        hidden: 3,
        memory: 2,
        keys: 3,
    };
    for cell in CELLS {
        Problem::new(cell, shape, 2, true, &[2, 1]).check(true);
        Problem::with_dropout(cell, shape, 3, false, &[1, 2], false).check(true);
    }
}

#[test]
fn one_of_everything() {
    let shape = Shape {
        time: 1,
        batch: 1,
        source: 1,
        hidden: 1,
        memory: 1,
        keys: 1,
    };
    for cell in CELLS {
        Problem::new(cell, shape, 1, true, &[1]).check(true);
        Problem::new(cell, shape, 2, false, &[1]).check(true);
    }
}

#[test]
fn values_of_odd_sizes() {
    let shape = Shape {
        time: 6,
        batch: 11,
        source: 9,
        hidden: 37,
        memory: 43,
        keys: 29,
    };
    let lengths: Vec<usize> = (0..11).map(|row| 1 + row * 5 % 9).collect();
    for cell in CELLS {
        Problem::new(cell, shape, 2, true, &lengths).check(false);
        Problem::new(cell, Shape { keys: 37, ..shape }, 1, false, &lengths).check(false);
    }
}

#[test]
fn equal_inputs_give_equal_bits_on_any_number_of_threads() {
    let shape = Shape {
        time: 4,
        batch: 19,
        source: 5,
        hidden: 33,
        memory: 18,
        keys: 21,
    };
    let lengths: Vec<usize> = (0..19).map(|row| 1 + row % 5).collect();
    for cell in CELLS {
        let problem = Problem::new(cell, shape, 2, true, &lengths);
        let grad = random(4 * 19 * 33, 5);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                let inputs = problem.inputs();
                let output = forward(cell, shape, &inputs);
                let back = backward(cell, shape, &inputs, &output.saved, &grad);
                let layer = back.layers[1].hidden_weight.clone();
                (
                    output.outputs,
                    back.memory,
                    back.keys,
                    back.vector,
                    back.combine_weight,
                    layer,
                )
            })
        };
        assert_eq!(run(1), run(1));
        assert_eq!(run(1), run(3));
    }
}
