//! Attention against its equations in double precision, and its gradients against their differences.

use super::cpu::*;
use kernels::testing::{assert_close, differences, random, under_each_cap, wide};
use network::Energy;

/// A problem's numbers: queries, keys, memory, vector.
struct Problem {
    shape: Shape,
    lengths: Vec<usize>,
    additive: bool,
    numbers: [Vec<f32>; 4],
}

const SCALE: f32 = 0.7;

impl Problem {
    fn new(shape: Shape, lengths: &[usize], additive: bool) -> Self {
        let Shape {
            time,
            batch,
            source,
            memory,
            keys,
        } = shape;
        let sizes = [
            time * batch * keys,
            batch * source * keys,
            batch * source * memory,
            if additive { keys } else { 0 },
        ];
        let mut seed = 0;
        let numbers = sizes.map(|size| {
            seed += 1;
            random(size, seed)
        });
        Self {
            shape,
            lengths: lengths.to_vec(),
            additive,
            numbers,
        }
    }

    fn inputs(&self) -> Inputs<'_> {
        let [queries, keys, memory, vector] = &self.numbers;
        Inputs {
            queries,
            keys,
            memory,
            lengths: &self.lengths,
            energy: if self.additive {
                Energy::Additive(vector)
            } else {
                Energy::Multiplicative(SCALE)
            },
        }
    }

    /// Contexts and weights.
    fn reference(&self, [queries, keys, memory, vector]: &[Vec<f64>; 4]) -> [Vec<f64>; 2] {
        let Shape {
            time,
            batch,
            source,
            memory: width,
            keys: size,
        } = self.shape;
        let mut contexts = vec![0.0; time * batch * width];
        let mut weights = vec![0.0; time * batch * source];
        for place in 0..time * batch {
            let row = place % batch;
            let query = &queries[place * size..][..size];
            let energies: Vec<f64> = (0..self.lengths[row])
                .map(|at| {
                    let key = &keys[(row * source + at) * size..][..size];
                    let pairs = query.iter().zip(key);
                    if self.additive {
                        let terms = pairs.zip(vector).map(|((q, k), v)| v * (q + k).tanh());
                        terms.sum()
                    } else {
                        f64::from(SCALE) * pairs.map(|(q, k)| q * k).sum::<f64>()
                    }
                })
                .collect();
            let total: f64 = energies.iter().map(|energy| energy.exp()).sum();
            for (at, energy) in energies.iter().enumerate() {
                let weight = energy.exp() / total;
                weights[place * source + at] = weight;
                for unit in 0..width {
                    contexts[place * width + unit] +=
                        weight * memory[(row * source + at) * width + unit];
                }
            }
        }
        [contexts, weights]
    }

    /// [`Self::check_once`], under each cap.
    fn check(&self, gradients: bool) {
        under_each_cap(|| self.check_once(gradients));
    }

    /// Compares values, and all gradients of a random weighting of the contexts and the weights.
    fn check_once(&self, gradients: bool) {
        let numbers = self.numbers.each_ref().map(|x| wide(x));
        let [contexts, weights] = self.reference(&numbers);
        let found = forward(self.shape, &self.inputs());
        assert_close("contexts", &found.contexts, &contexts, 1e-5);
        assert_close("weights", &found.weights, &weights, 1e-5);
        if !gradients {
            return;
        }
        let upstream = random(contexts.len(), 50);
        let of_weights = random(weights.len(), 51);
        let found = backward(
            self.shape,
            &self.inputs(),
            &found.weights,
            &upstream,
            &of_weights,
        );
        let found = [
            ("queries", found.queries),
            ("keys", found.keys),
            ("memory", found.memory),
            ("vector", found.vector),
        ];
        for (i, (name, actual)) in found.iter().enumerate() {
            let expected = differences(&numbers[i], |values| {
                let mut numbers = numbers.clone();
                numbers[i] = values.to_vec();
                let [contexts, weights] = self.reference(&numbers);
                let weights = weights.iter().zip(&of_weights);
                let terms = contexts.iter().zip(&upstream).chain(weights);
                terms.map(|(y, &w)| y * f64::from(w)).sum()
            });
            assert_close(name, actual, &expected, 1e-4);
        }
    }
}

const RAGGED: Shape = Shape {
    time: 3,
    batch: 6,
    source: 4,
    memory: 5,
    keys: 3,
};

#[test]
fn values_and_gradients_of_ragged_batches() {
    for additive in [false, true] {
        Problem::new(RAGGED, &[4, 1, 3, 2, 4, 1], additive).check(true);
    }
}

#[test]
fn one_of_everything() {
    let one = Shape {
        time: 1,
        batch: 1,
        source: 1,
        memory: 1,
        keys: 1,
    };
    for additive in [false, true] {
        Problem::new(one, &[1], additive).check(true);
        let alone = Shape {
            time: 7,
            source: 9,
            ..one
        };
        Problem::new(alone, &[8], additive).check(true);
    }
}

#[test]
fn values_of_odd_and_of_large_sizes() {
    let shape = Shape {
        time: 13,
        batch: 11,
        source: 19,
        memory: 67,
        keys: 53,
    };
    let lengths: Vec<usize> = (0..11).map(|row| 1 + row * 7 % 19).collect();
    for additive in [false, true] {
        Problem::new(shape, &lengths, additive).check(false);
    }
}

#[test]
fn what_lies_in_padding_does_not_matter() {
    for additive in [false, true] {
        let mut problem = Problem::new(RAGGED, &[4, 1, 3, 2, 4, 1], additive);
        let upstream = random(3 * 6 * 5, 9);
        let run = |problem: &Problem| {
            let found = forward(RAGGED, &problem.inputs());
            let back = backward(RAGGED, &problem.inputs(), &found.weights, &upstream, &[]);
            (
                found.contexts,
                back.queries,
                back.keys,
                back.memory,
                back.vector,
            )
        };
        let before = run(&problem);
        for (row, &length) in problem.lengths.iter().enumerate() {
            for (numbers, width) in [(1, 3), (2, 5)] {
                problem.numbers[numbers][(row * 4 + length) * width..(row + 1) * 4 * width]
                    .fill(1e30);
            }
        }
        assert_eq!(before, run(&problem));
    }
}

#[test]
fn equal_inputs_give_equal_bits_on_any_number_of_threads() {
    let shape = Shape {
        time: 6,
        batch: 19,
        source: 7,
        memory: 34,
        keys: 21,
    };
    let lengths: Vec<usize> = (0..19).map(|row| 1 + row % 7).collect();
    let upstream = random(6 * 19 * 34, 4);
    for additive in [false, true] {
        let problem = Problem::new(shape, &lengths, additive);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                let found = forward(shape, &problem.inputs());
                let back = backward(shape, &problem.inputs(), &found.weights, &upstream, &[]);
                (
                    found.contexts,
                    back.queries,
                    back.keys,
                    back.memory,
                    back.vector,
                )
            })
        };
        assert_eq!(run(1), run(1));
        assert_eq!(run(1), run(3));
    }
}
