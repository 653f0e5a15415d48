//! The walk against its equations in double precision, and its gradients against their differences.

use super::cpu::*;
use crate::attention::cpu::steps::{self, Reach, Shape};
use crate::cell::cpu::Parameters;
use crate::testing::Reference;
use kernels::testing::{assert_close, differences, random, row_times, under_each_cap, wide};
use network::Energy;
use network::cell::Cell;

const SCALE: f32 = 0.7;

/// A problem's numbers, in the order of [`NAMES`].
struct Problem {
    shape: Shape,
    lengths: Vec<usize>,
    additive: bool,
    coverage: bool,
    numbers: Vec<Vec<f32>>,
}

const NAMES: [&str; 18] = [
    "projected",
    "initial",
    "first weight",
    "first bias",
    "context weight",
    "bias",
    "second weight",
    "second bias",
    "memory",
    "keys",
    "query weight",
    "query bias",
    "vector",
    "coverage",
    "first gain",
    "first norm's bias",
    "second gain",
    "second norm's bias",
];

impl Problem {
    fn new(shape: Shape, lengths: &[usize], additive: bool, coverage: bool) -> Self {
        let Shape {
            time,
            batch,
            source,
            hidden,
            memory,
            keys,
            ..
        } = shape;
        let only = |given: bool, size: usize| if given { size } else { 0 };
        let sizes = [
            time * batch * 3 * hidden,
            batch * hidden,
            hidden * 3 * hidden,
            hidden,
            memory * 3 * hidden,
            3 * hidden,
            hidden * 3 * hidden,
            hidden,
            batch * source * memory,
            batch * source * keys,
            hidden * keys,
            only(additive, keys),
            only(additive, keys),
            only(coverage, keys),
            0,
            0,
            0,
            0,
        ];
        let numbers = sizes.iter().zip(1..);
        Self {
            shape,
            lengths: lengths.to_vec(),
            additive,
            coverage,
            numbers: numbers.map(|(&size, seed)| random(size, seed)).collect(),
        }
    }

    /// The same with gates that are normalised.
    fn normalised(mut self) -> Self {
        for place in 14..18 {
            self.numbers[place] = random(3 * self.shape.hidden, place as u64);
        }
        self
    }

    fn inputs(&self) -> Inputs<'_> {
        let n = &self.numbers;
        Inputs {
            projected: &n[0],
            initial: &n[1],
            first: Recurrence {
                weight: &n[2],
                parameters: Parameters {
                    hidden_bias: &n[3],
                    gain: &n[14],
                    norm_bias: &n[15],
                },
            },
            context_weight: &n[4],
            bias: &n[5],
            second: Recurrence {
                weight: &n[6],
                parameters: Parameters {
                    hidden_bias: &n[7],
                    gain: &n[16],
                    norm_bias: &n[17],
                },
            },
            attention: steps::Inputs {
                memory: &n[8],
                keys: &n[9],
                lengths: &self.lengths,
                query_weight: &n[10],
                query_bias: &n[11],
                energy: match self.additive {
                    true => Energy::Additive(&n[12]),
                    false => Energy::Multiplicative(SCALE),
                },
                coverage: &n[13],
                reach: Reach::Everywhere,
            },
        }
    }

    /// States, contexts and weights.
    fn reference(&self, n: &[Vec<f64>]) -> [Vec<f64>; 3] {
        let Shape {
            time,
            batch,
            source,
            hidden,
            memory,
            keys,
            heads,
        } = self.shape;
        let gates = 3 * hidden;
        let first = Reference::new(Cell::Gru, &n[2], &n[3]).normalised(&n[14], &n[15]);
        let second = Reference::new(Cell::Gru, &n[6], &n[7]).normalised(&n[16], &n[17]);
        let mut states = vec![0.0; time * batch * hidden];
        let mut contexts = vec![0.0; time * batch * memory];
        let mut weights = vec![0.0; time * batch * source];
        let (key, value) = (keys / heads, memory / heads);
        for row in 0..batch {
            let mut state = n[1][row * hidden..][..hidden].to_vec();
            let mut sums = vec![0.0; source];
            for step in 0..time {
                let at = step * batch + row;
                let projected = &n[0][at * gates..][..gates];
                let asking = first.step(projected, &state, &[]).0;
                let mut query = row_times(&asking, &n[10], keys);
                query.iter_mut().zip(&n[11]).for_each(|(q, b)| *q += b);
                let context = &mut contexts[at * memory..][..memory];
                for head in 0..heads {
                    let energy = |s: usize| {
                        let place = (row * heads + head) * source + s;
                        let key_of = &n[9][place * key..][..key];
                        let pairs = query[head * key..][..key].iter().zip(key_of);
                        if !self.additive {
                            return f64::from(SCALE) * pairs.map(|(q, k)| q * k).sum::<f64>();
                        }
                        let covered = |unit: usize| match self.coverage {
                            true => sums[s] * n[13][unit],
                            false => 0.0,
                        };
                        let terms = pairs.zip(&n[12]).enumerate();
                        terms
                            .map(|(unit, ((q, k), v))| v * (q + k + covered(unit)).tanh())
                            .sum()
                    };
                    let shares: Vec<f64> =
                        (0..self.lengths[row]).map(|s| energy(s).exp()).collect();
                    let total: f64 = shares.iter().sum();
                    for (s, share) in shares.iter().enumerate() {
                        let weight = share / total;
                        weights[at * source + s] += weight / heads as f64;
                        let place = (row * heads + head) * source + s;
                        let vector = &n[8][place * value..][..value];
                        let own = context[head * value..][..value].iter_mut();
                        own.zip(vector).for_each(|(c, m)| *c += weight * m);
                    }
                }
                let now = &weights[at * source..][..source];
                sums.iter_mut().zip(now).for_each(|(sum, w)| *sum += w);
                let mut gates_of = row_times(context, &n[4], gates);
                gates_of.iter_mut().zip(&n[5]).for_each(|(g, b)| *g += b);
                state = second.step(&gates_of, &asking, &[]).0;
                states[at * hidden..][..hidden].copy_from_slice(&state);
            }
        }
        [states, contexts, weights]
    }

    fn check(&self, gradients: bool) {
        let n: Vec<Vec<f64>> = self.numbers.iter().map(|list| wide(list)).collect();
        let expected = self.reference(&n);
        let found = forward(self.shape, &self.inputs());
        assert_close("states", &found.states, &expected[0], 1e-5);
        assert_close("contexts", &found.contexts, &expected[1], 1e-5);
        assert_close("weights", &found.saved.weights(), &expected[2], 1e-5);
        if !gradients {
            return;
        }
        let upstream: [Vec<f32>; 3] = [0, 1, 2].map(|i| random(expected[i].len(), 90 + i as u64));
        let given = upstream.each_ref().map(|list| &list[..]);
        let back = backward(self.shape, &self.inputs(), &found.saved, given);
        let upstream = upstream.map(|list| wide(&list));
        let asked = back.attention;
        let lists = [
            back.projected,
            back.initial,
            back.first_weight,
            back.first.hidden_bias,
            back.context_weight,
            back.bias,
            back.second_weight,
            back.second.hidden_bias,
            asked.memory,
            asked.keys,
            asked.query_weight,
            asked.query_bias,
            asked.vector,
            asked.coverage,
            back.first.gain,
            back.first.norm_bias,
            back.second.gain,
            back.second.norm_bias,
        ];
        for (place, (name, found)) in NAMES.into_iter().zip(lists).enumerate() {
            let objective = |values: &[f64]| {
                let mut n = n.clone();
                n[place] = values.to_vec();
                let made = self.reference(&n);
                let pairs = made.iter().flatten().zip(upstream.iter().flatten());
                pairs.map(|(a, b)| a * b).sum()
            };
            let expected = differences(&n[place], objective);
            assert_close(name, &found, &expected, 1e-4);
        }
    }
}

const SHAPE: Shape = Shape {
    time: 3,
    batch: 3,
    source: 4,
    hidden: 4,
    memory: 6,
    keys: 4,
    heads: 1,
};

#[test]
fn values_and_gradients_of_ragged_batches() {
    for (additive, coverage) in [(true, false), (true, true), (false, false)] {
        let problem = || Problem::new(SHAPE, &[4, 1, 3], additive, coverage);
        under_each_cap(|| problem().check(true));
        under_each_cap(|| problem().normalised().check(true));
    }
}

#[test]
fn several_heads() {
    let shape = Shape { heads: 2, ..SHAPE };
    Problem::new(shape, &[4, 1, 3], false, false).check(true);
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
        heads: 1,
    };
    Problem::new(shape, &[1], true, false).check(true);
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
        heads: 1,
    };
    let lengths: Vec<usize> = (0..11).map(|row| 1 + row * 5 % 9).collect();
    under_each_cap(|| Problem::new(shape, &lengths, true, false).check(false));
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
        heads: 1,
    };
    let lengths: Vec<usize> = (0..19).map(|row| 1 + row % 5).collect();
    let problem = Problem::new(shape, &lengths, true, true);
    let bits = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| {
            let found = forward(shape, &problem.inputs());
            let of_states = random(found.states.len(), 1);
            let gradients = [&of_states[..], &[], &[]];
            let back = backward(shape, &problem.inputs(), &found.saved, gradients);
            let lists = [found.states, back.initial, back.first_weight, back.bias];
            lists
                .concat()
                .into_iter()
                .map(f32::to_bits)
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(bits(1), bits(3));
}
