//! The layer against its equation in double precision, and its gradients against their differences.

use super::cpu::*;
use kernels::testing::{assert_close, differences, random, row_times, under_each_cap, wide};

struct Problem<const P: usize> {
    activation: Activation,
    shape: Shape<P>,
    /// The parts, the weight, the bias.
    numbers: Vec<Vec<f32>>,
}

impl<const P: usize> Problem<P> {
    fn new(activation: Activation, shape: Shape<P>, bias: bool) -> Self {
        let width: usize = shape.inputs.iter().sum();
        let mut sizes: Vec<usize> = shape.inputs.iter().map(|i| shape.rows * i).collect();
        sizes.extend([width * shape.outputs, if bias { shape.outputs } else { 0 }]);
        let mut numbers: Vec<Vec<f32>> = (1..)
            .zip(sizes)
            .map(|(seed, size)| random(size, seed))
            .collect();
        let scale = 1.0 / (width as f32).sqrt();
        numbers[P].iter_mut().for_each(|x| *x *= scale);
        Self {
            activation,
            shape,
            numbers,
        }
    }

    fn inputs(&self) -> Inputs<'_, P> {
        let mut parts = [&[][..]; P];
        for (part, numbers) in parts.iter_mut().zip(&self.numbers) {
            *part = numbers;
        }
        Inputs {
            parts,
            weight: &self.numbers[P],
            bias: &self.numbers[P + 1],
        }
    }

    fn reference(&self, numbers: &[Vec<f64>]) -> Vec<f64> {
        let Shape {
            rows,
            inputs,
            outputs,
        } = self.shape;
        (0..rows)
            .flat_map(|row| {
                let beside: Vec<f64> = (0..P)
                    .flat_map(|part| numbers[part][row * inputs[part]..][..inputs[part]].to_vec())
                    .collect();
                let mut sums = row_times(&beside, &numbers[P], outputs);
                for (sum, bias) in sums.iter_mut().zip(&numbers[P + 1]) {
                    *sum += bias;
                }
                match self.activation {
                    Activation::Identity => sums,
                    Activation::Tanh => sums.into_iter().map(f64::tanh).collect(),
                }
            })
            .collect()
    }

    /// [`Self::check_once`], under each cap.
    fn check(&self, gradients: bool) {
        under_each_cap(|| self.check_once(gradients));
    }

    fn check_once(&self, gradients: bool) {
        let numbers: Vec<Vec<f64>> = self.numbers.iter().map(|x| wide(x)).collect();
        let expected = self.reference(&numbers);
        let output = forward(self.activation, self.shape, &self.inputs());
        assert_close("output", &output, &expected, 1e-5);
        if !gradients {
            return;
        }
        let upstream = random(output.len(), 77);
        let found = backward(
            self.activation,
            self.shape,
            &self.inputs(),
            &output,
            &upstream,
        );
        let mut found_lists: Vec<Vec<f32>> = found.parts.into_iter().collect();
        found_lists.extend([found.weight, found.bias]);
        for (at, actual) in found_lists.iter().enumerate() {
            let expected = differences(&numbers[at], |values| {
                let mut numbers = numbers.clone();
                numbers[at] = values.to_vec();
                let terms = self.reference(&numbers).into_iter().zip(&upstream);
                terms.map(|(y, &w)| y * f64::from(w)).sum()
            });
            assert_close(&format!("gradient {at}"), actual, &expected, 1e-4);
        }
    }
}

#[test]
fn values_and_gradients() {
    for activation in [Activation::Identity, Activation::Tanh] {
        for bias in [false, true] {
            for (rows, input, outputs) in [(1, 1, 1), (5, 3, 4), (9, 17, 2)] {
                let shape = Shape {
                    rows,
                    inputs: [input],
                    outputs,
                };
                Problem::new(activation, shape, bias).check(true);
                let shape = Shape {
                    rows,
                    inputs: [input, 4],
                    outputs,
                };
                Problem::new(activation, shape, bias).check(true);
            }
        }
    }
}

#[test]
fn values_of_odd_and_of_large_sizes() {
    let shape = Shape {
        rows: 203,
        inputs: [67, 31],
        outputs: 131,
    };
    Problem::new(Activation::Tanh, shape, true).check(false);
}

#[test]
fn no_rows_give_no_output_and_zero_gradients() {
    let shape = Shape {
        rows: 0,
        inputs: [3],
        outputs: 2,
    };
    Problem::new(Activation::Tanh, shape, true).check(true);
}

#[test]
fn equal_inputs_give_equal_bits_on_any_number_of_threads() {
    let shape = Shape {
        rows: 141,
        inputs: [65, 20],
        outputs: 300,
    };
    let problem = Problem::new(Activation::Tanh, shape, true);
    let upstream = random(141 * 300, 3);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let output = forward(Activation::Tanh, shape, &problem.inputs());
            let found = backward(
                Activation::Tanh,
                shape,
                &problem.inputs(),
                &output,
                &upstream,
            );
            (output, found.parts, found.weight, found.bias)
        })
    };
    assert_eq!(run(1), run(1));
    assert_eq!(run(1), run(3));
}
