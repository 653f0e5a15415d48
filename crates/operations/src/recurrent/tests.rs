//! The layer against its equations in double precision, and its gradients against their differences.

use super::cpu::*;
use crate::cell::cpu::Parameters;
use crate::testing::Reference;
use kernels::testing::{assert_close, differences, random, under_each_cap, wide};
use network::cell::{Cell, Nonlinearity};

const CELLS: [Cell; 4] = [
    Cell::Rnn(Nonlinearity::Tanh),
    Cell::Rnn(Nonlinearity::Relu),
    Cell::Gru,
    Cell::Lstm,
];

/// A problem's numbers: projected, hidden weight, hidden bias, initial hidden, initial cell, the gates' gain and bias.
struct Problem {
    cell: Cell,
    shape: Shape,
    lengths: Vec<usize>,
    reverse: bool,
    numbers: [Vec<f32>; 7],
}

impl Problem {
    fn new(cell: Cell, shape: Shape, lengths: &[usize], reverse: bool) -> Self {
        let Shape {
            time,
            batch,
            hidden,
        } = shape;
        let gates = cell.gates() * hidden;
        let sizes = [
            time * batch * gates,
            hidden * gates,
            if cell == Cell::Gru { hidden } else { 0 },
            batch * hidden,
            if cell == Cell::Lstm {
                batch * hidden
            } else {
                0
            },
            0,
            0,
        ];
        let mut seed = 0;
        let mut numbers = sizes.map(|size| {
            seed += 1;
            random(size, seed)
        });
        // Keeps large states from saturating.
        let scale = (1.0 / hidden as f32).sqrt() * 1.5;
        numbers[1].iter_mut().for_each(|x| *x *= scale);
        Self {
            cell,
            shape,
            lengths: lengths.to_vec(),
            reverse,
            numbers,
        }
    }

    /// The same with gates that are normalised.
    fn normalised(mut self) -> Self {
        let gates = self.cell.gates() * self.shape.hidden;
        self.numbers[5] = random(gates, 6);
        self.numbers[6] = random(gates, 7);
        self
    }

    fn inputs(&self) -> Inputs<'_> {
        let [
            projected,
            hidden_weight,
            hidden_bias,
            initial_hidden,
            initial_cell,
            gain,
            norm_bias,
        ] = &self.numbers;
        let lengths = &self.lengths;
        let reverse = self.reverse;
        Inputs {
            projected,
            hidden_weight,
            parameters: Parameters {
                hidden_bias,
                gain,
                norm_bias,
            },
            initial_hidden,
            initial_cell,
            lengths,
            reverse,
        }
    }

    /// Outputs, final states and final cells in double precision.
    fn reference(&self, numbers: &[Vec<f64>; 7]) -> [Vec<f64>; 3] {
        let Shape {
            time,
            batch,
            hidden,
        } = self.shape;
        let [projected, weight, bias, hiddens, cells, gain, norm_bias] = numbers;
        let gates = self.cell.gates() * hidden;
        let mut output = vec![0.0; time * batch * hidden];
        let (mut hiddens, mut cells) = (hiddens.clone(), cells.clone());
        for step in 0..time {
            let t = if self.reverse { time - 1 - step } else { step };
            for row in (0..batch).filter(|&row| t < self.lengths[row]) {
                let units = row * hidden..(row + 1) * hidden;
                let state = hiddens[units.clone()].to_vec();
                let previous = if cells.is_empty() {
                    &[][..]
                } else {
                    &cells[units.clone()]
                };
                let x = &projected[(t * batch + row) * gates..][..gates];
                let (new, cell) = Reference::new(self.cell, weight, bias)
                    .normalised(gain, norm_bias)
                    .step(x, &state, previous);
                if !cells.is_empty() {
                    cells[units.clone()].copy_from_slice(&cell);
                }
                output[t * batch * hidden + units.start..][..hidden].copy_from_slice(&new);
                hiddens[units].copy_from_slice(&new);
            }
        }
        [output, hiddens, cells]
    }

    /// [`Self::check_once`], under each cap.
    fn check(&self, gradients: bool) {
        under_each_cap(|| self.check_once(gradients));
    }

    /// Compares values, and all gradients of a random weighting of the outputs.
    fn check_once(&self, gradients: bool) {
        let numbers = self.numbers.clone().map(|x| wide(&x));
        let expected = self.reference(&numbers);
        let inputs = self.inputs();
        let actual = forward(self.cell, self.shape, &inputs);
        assert_close("hidden", &actual.hidden, &expected[0], 1e-5);
        assert_close("final hidden", &actual.final_hidden, &expected[1], 1e-5);
        assert_close("final cell", &actual.final_cell, &expected[2], 1e-5);
        if !gradients {
            return;
        }
        let upstream = [0, 1, 2].map(|i| random(expected[i].len(), 10 + i as u64));
        let [grad_hidden, grad_final, grad_cell] = &upstream;
        let saved = &actual.saved;
        let actual = backward(
            self.cell,
            self.shape,
            &inputs,
            saved,
            grad_hidden,
            grad_final,
            grad_cell,
        );
        let objective = |numbers: &[Vec<f64>; 7]| -> f64 {
            let outputs = self.reference(numbers);
            let terms = outputs.iter().flatten().zip(upstream.iter().flatten());
            terms.map(|(y, &w)| y * f64::from(w)).sum()
        };
        let actual = [
            ("projected", actual.projected),
            ("hidden weight", actual.hidden_weight),
            ("hidden bias", actual.cell.parameters.hidden_bias),
            ("initial hidden", actual.cell.initial_hidden),
            ("initial cell", actual.cell.initial_cell),
            ("gates' gain", actual.cell.parameters.gain),
            ("gates' bias", actual.cell.parameters.norm_bias),
        ];
        for (i, (name, actual)) in actual.iter().enumerate() {
            let expected = differences(&numbers[i], |values| {
                let mut numbers = numbers.clone();
                numbers[i] = values.to_vec();
                objective(&numbers)
            });
            assert_close(&format!("{:?} {name}", self.cell), actual, &expected, 1e-4);
        }
    }
}

#[test]
fn values_and_gradients_of_ragged_batches() {
    let shape = Shape {
        time: 4,
        batch: 3,
        hidden: 5,
    };
    for cell in CELLS {
        for reverse in [false, true] {
            Problem::new(cell, shape, &[4, 1, 3], reverse).check(true);
            Problem::new(cell, shape, &[4, 1, 3], reverse)
                .normalised()
                .check(true);
        }
    }
}

#[test]
fn one_row_one_step_one_unit() {
    for cell in CELLS {
        let one = Shape {
            time: 1,
            batch: 1,
            hidden: 1,
        };
        Problem::new(cell, one, &[1], false).check(true);
        Problem::new(cell, one, &[1], false)
            .normalised()
            .check(true);
        Problem::new(cell, one, &[0], true).check(true);
        Problem::new(
            cell,
            Shape {
                time: 3,
                batch: 1,
                hidden: 3,
            },
            &[2],
            true,
        )
        .check(true);
    }
}

#[test]
fn values_of_odd_and_of_large_sizes() {
    for cell in CELLS {
        for reverse in [false, true] {
            let lengths: Vec<usize> = (0..19).map(|row| row * 7 % 8).collect();
            let shape = Shape {
                time: 7,
                batch: 19,
                hidden: 67,
            };
            Problem::new(cell, shape, &lengths, reverse).check(false);
            Problem::new(cell, shape, &lengths, reverse)
                .normalised()
                .check(false);
        }
    }
}

#[test]
fn equal_inputs_give_equal_bits_on_any_number_of_threads() {
    let shape = Shape {
        time: 5,
        batch: 21,
        hidden: 33,
    };
    let lengths: Vec<usize> = (0..21).map(|row| 1 + row % 5).collect();
    for (cell, normalises) in CELLS
        .into_iter()
        .flat_map(|cell| [(cell, false), (cell, true)])
    {
        let problem = Problem::new(cell, shape, &lengths, true);
        let problem = match normalises {
            true => problem.normalised(),
            false => problem,
        };
        let grad = random(5 * 21 * 33, 9);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                let inputs = problem.inputs();
                let output = forward(cell, shape, &inputs);
                let back = backward(cell, shape, &inputs, &output.saved, &grad, &[], &[]);
                (
                    output.hidden,
                    back.hidden_weight,
                    back.projected,
                    back.cell.parameters.hidden_bias,
                    back.cell.parameters.gain,
                )
            })
        };
        assert_eq!(run(1), run(1));
        assert_eq!(run(1), run(3));
    }
}

#[test]
fn a_row_is_the_same_alone_and_beside_longer_ones() {
    for cell in CELLS {
        let wide_shape = Shape {
            time: 6,
            batch: 2,
            hidden: 9,
        };
        let both = Problem::new(cell, wide_shape, &[6, 2], true);
        let output = forward(cell, wide_shape, &both.inputs());
        let gates = cell.gates() * 9;
        let mut alone = Problem::new(
            cell,
            Shape {
                time: 2,
                batch: 1,
                hidden: 9,
            },
            &[2],
            true,
        );
        alone.numbers[0] = (0..2)
            .flat_map(|t| both.numbers[0][(2 * t + 1) * gates..][..gates].to_vec())
            .collect();
        alone.numbers[3] = both.numbers[3][9..].to_vec();
        alone.numbers[1].clone_from(&both.numbers[1]);
        alone.numbers[2].clone_from(&both.numbers[2]);
        if cell == Cell::Lstm {
            alone.numbers[4] = both.numbers[4][9..].to_vec();
        }
        let single = forward(cell, alone.shape, &alone.inputs());
        for t in 0..2 {
            assert_eq!(
                single.hidden[t * 9..][..9],
                output.hidden[(2 * t + 1) * 9..][..9]
            );
        }
        assert!((2..6).all(|t| output.hidden[(2 * t + 1) * 9..][..9] == [0.0; 9]));
    }
}
