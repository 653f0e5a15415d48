//! The loss against its equations in double precision, and its gradients against theirs.

use super::cpu::*;
use kernels::testing::{assert_close, differences, random, under_each_cap, wide};

struct Problem {
    shape: Shape,
    hidden: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    targets: Vec<i32>,
    smoothing: f32,
    weights: Option<Vec<f32>>,
}

impl Problem {
    /// Every third row is padding.
    fn new(rows: usize, hidden: usize, classes: usize, smoothing: f32) -> Self {
        Self {
            shape: Shape {
                rows,
                hidden,
                classes,
            },
            hidden: random(rows * hidden, 1),
            weight: random(classes * hidden, 2),
            bias: random(classes, 3),
            targets: (0..rows)
                .map(|row| {
                    if row % 3 == 2 {
                        -7
                    } else {
                        (row * 31 % classes) as i32
                    }
                })
                .collect(),
            smoothing,
            weights: None,
        }
    }

    /// Each row has a weight, half of them negative.
    fn weighted(mut self) -> Self {
        self.weights = Some(random(self.shape.rows, 4));
        self
    }

    fn inputs(&self) -> Inputs<'_> {
        let Self {
            hidden,
            weight,
            bias,
            targets,
            ..
        } = self;
        Inputs {
            hidden,
            weight,
            bias,
            targets,
            ignore: -7,
            smoothing: self.smoothing,
            weights: self.weights.as_deref(),
        }
    }

    /// Loss, negative log-likelihood, count, correct in double precision.
    fn reference(&self, hidden: &[f64], weight: &[f64], bias: &[f64]) -> (f64, f64, usize, usize) {
        let Shape {
            hidden: width,
            classes,
            ..
        } = self.shape;
        let e = f64::from(self.smoothing);
        let (mut loss, mut nll, mut count, mut correct) = (0.0, 0.0, 0, 0);
        let rows = self.targets.iter().zip(hidden.chunks(width));
        for (place, (&target, row)) in rows.enumerate() {
            if target == -7 {
                continue;
            }
            let counts = self
                .weights
                .as_ref()
                .map_or(1.0, |weights| f64::from(weights[place]));
            let logits: Vec<f64> = weight
                .chunks(width)
                .zip(bias)
                .map(|(w, b)| b + w.iter().zip(row).map(|(w, x)| w * x).sum::<f64>())
                .collect();
            let normaliser = logits.iter().map(|z| z.exp()).sum::<f64>().ln();
            let own = normaliser - logits[target as usize];
            let all = logits.iter().map(|z| normaliser - z).sum::<f64>() / classes as f64;
            loss += counts * ((1.0 - e) * own + e * all);
            nll += own;
            count += 1;
            correct += usize::from(logits.iter().all(|&z| z <= logits[target as usize]));
        }
        (loss, nll, count, correct)
    }

    /// [`Self::check_once`], under each cap.
    fn check(&self) {
        under_each_cap(|| self.check_once());
    }

    fn check_once(&self) {
        let (hidden, weight, bias) = (wide(&self.hidden), wide(&self.weight), wide(&self.bias));
        let (loss, nll, count, correct) = self.reference(&hidden, &weight, &bias);
        let (output, gradients) = forward_backward(self.shape, &self.inputs());
        assert_eq!(output, forward(self.shape, &self.inputs()));
        assert!(
            (output.loss - loss).abs() <= 1e-5 * loss.abs().max(1.0),
            "{} {loss}",
            output.loss
        );
        assert!(
            (output.nll - nll).abs() <= 1e-5 * nll.max(1.0),
            "{} {nll}",
            output.nll
        );
        assert_eq!((output.count, output.correct), (count, correct));
        if self.hidden.len() + self.weight.len() < 2000 {
            let of_hidden = differences(&hidden, |x| self.reference(x, &weight, &bias).0);
            let of_weight = differences(&weight, |x| self.reference(&hidden, x, &bias).0);
            let of_bias = differences(&bias, |x| self.reference(&hidden, &weight, x).0);
            assert_close("hidden", &gradients.hidden, &of_hidden, 1e-4);
            assert_close("weight", &gradients.weight, &of_weight, 1e-4);
            assert_close("bias", &gradients.bias, &of_bias, 1e-4);
        }
    }
}

#[test]
fn small_and_odd_sizes() {
    for smoothing in [0.0, 0.1] {
        for (rows, hidden, classes) in [(1, 1, 1), (1, 4, 9), (7, 5, 3), (35, 6, 37)] {
            Problem::new(rows, hidden, classes, smoothing).check();
        }
    }
}

#[test]
fn rows_count_as_their_weights_say() {
    for smoothing in [0.0, 0.1] {
        for (rows, hidden, classes) in [(1, 4, 9), (7, 5, 3), (35, 6, 37)] {
            Problem::new(rows, hidden, classes, smoothing)
                .weighted()
                .check();
        }
    }
    // More than one chunk.
    Problem::new(1501, 17, 61, 0.0).weighted().check();
}

#[test]
fn weights_of_one_change_no_bit() {
    let plain = Problem::new(70, 9, 31, 0.1);
    let mut ones = Problem::new(70, 9, 31, 0.1);
    ones.weights = Some(vec![1.0; 70]);
    let found = [&plain, &ones].map(|problem| {
        let (output, gradients) = forward_backward(problem.shape, &problem.inputs());
        (output, gradients.hidden, gradients.weight, gradients.bias)
    });
    assert_eq!(found[0], found[1]);
}

#[test]
fn several_chunks_give_the_sum_of_their_parts() {
    let all = Problem::new(1501, 17, 61, 0.1);
    all.check();
    let (_, whole) = forward_backward(all.shape, &all.inputs());
    let mut weight = vec![0.0; whole.weight.len()];
    let mut bias = vec![0.0; 61];
    for row in 0..1501 {
        let inputs = Inputs {
            hidden: &all.hidden[row * 17..(row + 1) * 17],
            targets: &all.targets[row..=row],
            ..all.inputs()
        };
        let (_, part) = forward_backward(
            Shape {
                rows: 1,
                ..all.shape
            },
            &inputs,
        );
        assert_close(
            "hidden",
            &part.hidden,
            &wide(&whole.hidden[row * 17..(row + 1) * 17]),
            1e-5,
        );
        weight
            .iter_mut()
            .zip(wide(&part.weight))
            .for_each(|(sum, x)| *sum += x);
        bias.iter_mut()
            .zip(wide(&part.bias))
            .for_each(|(sum, x)| *sum += x);
    }
    assert_close("weight", &whole.weight, &weight, 1e-5);
    assert_close("bias", &whole.bias, &bias, 1e-5);
}

#[test]
fn nothing_but_padding_is_no_loss_and_no_gradient() {
    let mut problem = Problem::new(4, 3, 5, 0.1);
    problem.targets.fill(-7);
    let (output, gradients) = forward_backward(problem.shape, &problem.inputs());
    assert_eq!(output, Output::default());
    let all = [gradients.hidden, gradients.weight, gradients.bias].concat();
    assert!(all.iter().all(|&x| x == 0.0));
}

#[test]
fn equal_inputs_give_equal_bits_on_any_number_of_threads() {
    let problem = Problem::new(700, 33, 101, 0.1);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let (output, gradients) = forward_backward(problem.shape, &problem.inputs());
            (output, gradients.hidden, gradients.weight, gradients.bias)
        })
    };
    assert_eq!(run(1), run(1));
    assert_eq!(run(1), run(3));
}
