//! On tensors.

use burn::tensor::Tensor;
use network::Padded;

use super::cpu::{Gradients, Inputs, Shape, forward, forward_backward};
#[cfg(gpu)]
use super::gpu;
use super::reference;
use crate::host::{Back, Operand, Operation, apply};
use crate::path::{Path, path};

/// Marks a position without a target.
pub(super) const IGNORE: i32 = -1;

/// The right words of a batch, time-major, with padding marked.
#[derive(Debug, Clone)]
pub struct Targets {
    ids: Vec<i32>,
    tokens: usize,
    /// Of each position, where not all count alike.
    weights: Option<Vec<f32>>,
}

impl Targets {
    /// The targets of a padded batch.
    pub fn new(words: Padded<'_>) -> Self {
        let rows = words.rows();
        let ids: Vec<i32> = (0..words.time * rows)
            .map(|place| {
                let (time, row) = (place / rows, place % rows);
                let real = time < words.lengths[row];
                if real {
                    words.ids[row * words.time + time]
                } else {
                    IGNORE
                }
            })
            .collect();
        Self {
            ids,
            tokens: words.lengths.iter().sum(),
            weights: None,
        }
    }

    /// The targets of a padded batch of whose rows each has its losses multiplied by its weight, of
    /// any sign.
    pub fn weighted(words: Padded<'_>, weights: &[f32]) -> Self {
        let targets = Self::new(words);
        let places = 0..targets.ids.len();
        let of_row = places.map(|place| weights[place % weights.len()]);
        Self {
            weights: Some(of_row.collect()),
            ..targets
        }
    }

    /// A class for each position, or a negative number, time-major.
    pub(super) fn ids(&self) -> &[i32] {
        &self.ids
    }

    /// Weights of the positions' losses, where not all count alike.
    pub(super) fn weights(&self) -> Option<&[f32]> {
        self.weights.as_deref()
    }

    /// Real target tokens.
    pub(super) fn tokens(&self) -> usize {
        self.tokens
    }
}

/// The loss of a batch.
#[derive(Debug, Clone)]
pub struct Loss {
    /// Summed over real target tokens, `[1]`: (1 - e) NLL + e / V times the sum over all V classes,
    /// times the weights of the rows where they have any.
    pub sum: Tensor<1>,
    /// The negative log-likelihood alone, summed, `[1]`; without gradients and weights.
    pub negative_log_likelihood: Tensor<1>,
    /// Real target tokens.
    pub tokens: usize,
    /// How far attention is from where it was told to look, summed, `[1]`; without its weight and
    /// without gradients. Only where it was told.
    pub guided: Option<Tensor<1>>,
}

#[derive(Debug, Clone)]
struct CrossEntropy {
    shape: Shape,
    targets: Vec<i32>,
    smoothing: f32,
    weights: Option<Vec<f32>>,
}

impl CrossEntropy {
    fn inputs<'a>(&'a self, [hidden, weight, bias]: [&'a [f32]; 3]) -> Inputs<'a> {
        Inputs {
            hidden,
            weight,
            bias,
            targets: &self.targets,
            ignore: IGNORE,
            weights: self.weights.as_deref(),
            smoothing: self.smoothing,
        }
    }
}

impl Operation<3, 2> for CrossEntropy {
    type Saved = Option<Gradients>;

    fn forward(&self, inputs: [&[f32]; 3], gradients: bool) -> ([Vec<f32>; 2], Self::Saved) {
        let inputs = self.inputs(inputs);
        // The logits are at hand only now: their gradient is made at once, and scaled later.
        let (output, gradients) = if gradients {
            let (output, gradients) = forward_backward(self.shape, &inputs);
            (output, Some(gradients))
        } else {
            (forward(self.shape, &inputs), None)
        };
        let results = [vec![output.loss as f32], vec![output.nll as f32]];
        (results, gradients)
    }

    fn backward(self, back: Back<'_, Self::Saved, 3, 2>) -> [Vec<f32>; 3] {
        // The likelihood is for reading: only the loss has a gradient.
        match (back.saved, back.gradients) {
            (Some(found), [[scale], _]) => [found.hidden, found.weight, found.bias].map(|values| {
                if *scale == 1.0 {
                    values
                } else {
                    scaled(values, *scale)
                }
            }),
            _ => back.inputs.map(|input| vec![0.0; input.len()]),
        }
    }
}

fn scaled(mut values: Vec<f32>, scale: f32) -> Vec<f32> {
    values.iter_mut().for_each(|value| *value *= scale);
    values
}

/// The loss of `hidden`, `[time * batch, hidden]`, against `targets` under the output layer
/// `weight`, `[vocabulary, hidden]`, and `bias`, `[vocabulary]`.
pub fn cross_entropy(
    hidden: Tensor<2>,
    weight: Tensor<2>,
    bias: Tensor<1>,
    targets: &Targets,
    smoothing: f64,
) -> Loss {
    match path(&hidden) {
        Path::Host => {}
        #[cfg(gpu)]
        // The program of the GPU counts all rows alike.
        Path::Gpu if targets.weights.is_some() => {
            return reference::cross_entropy(hidden, weight, bias, targets, smoothing);
        }
        #[cfg(gpu)]
        Path::Gpu => {
            return gpu::cross_entropy(hidden, weight, bias, targets, smoothing);
        }
        Path::Reference => {
            return reference::cross_entropy(hidden, weight, bias, targets, smoothing);
        }
    }
    let [rows, size] = hidden.dims();
    let operation = CrossEntropy {
        shape: Shape {
            rows,
            hidden: size,
            classes: bias.dims()[0],
        },
        targets: targets.ids.clone(),
        smoothing: smoothing as f32,
        weights: targets.weights.clone(),
    };
    let inputs = [
        Operand::new(hidden),
        Operand::new(weight),
        Operand::new(bias),
    ];
    let [sum, likelihood] = apply(operation, inputs, [&[1], &[1]]);
    Loss {
        sum: sum.tensor(),
        negative_log_likelihood: likelihood.tensor::<1>().inner(),
        tokens: targets.tokens,
        guided: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    /// Loss and likelihood, and the gradients of hidden, weight and bias.
    fn found(loss: impl Fn(Tensor<2>, Tensor<2>, Tensor<1>) -> Loss) -> ([f32; 2], [Vec<f32>; 3]) {
        let device = Device::flex().autodiff();
        let numbers = |count: usize| (0..count).map(|place| (place * 7 % 11) as f32 / 11.0 - 0.4);
        let data = |count: usize| numbers(count).collect::<Vec<f32>>();
        let hidden = TensorData::new(data(24), [6, 4]);
        let hidden = Tensor::<2>::from_data(hidden, &device).require_grad();
        let weight = TensorData::new(data(20), [5, 4]);
        let weight = Tensor::<2>::from_data(weight, &device).require_grad();
        let bias = TensorData::new(data(5), [5]);
        let bias = Tensor::<1>::from_data(bias, &device).require_grad();
        let found = loss(hidden.clone(), weight.clone(), bias.clone());
        let gradients = found.sum.backward();
        let list = |data: TensorData| data.iter::<f32>().collect::<Vec<f32>>();
        let values = [
            found.sum.into_scalar::<f32>(),
            found.negative_log_likelihood.into_scalar::<f32>(),
        ];
        let gradients = [
            list(hidden.grad(&gradients).unwrap().into_data()),
            list(weight.grad(&gradients).unwrap().into_data()),
            list(bias.grad(&gradients).unwrap().into_data()),
        ];
        (values, gradients)
    }

    #[test]
    fn weighted_rows_agree_with_the_reference() {
        let words = Padded {
            ids: &[4, 3, 0, 1, 2, 3],
            lengths: &[2, 3],
            time: 3,
        };
        for targets in [Targets::new(words), Targets::weighted(words, &[-0.5, 2.0])] {
            let (fast, fast_gradients) =
                found(|hidden, weight, bias| cross_entropy(hidden, weight, bias, &targets, 0.1));
            let (plain, plain_gradients) = found(|hidden, weight, bias| {
                reference::cross_entropy(hidden, weight, bias, &targets, 0.1)
            });
            let pairs = fast.iter().chain(fast_gradients.iter().flatten());
            for (fast, plain) in pairs.zip(plain.iter().chain(plain_gradients.iter().flatten())) {
                assert!((fast - plain).abs() < 1e-5, "{fast} is not {plain}");
            }
        }
    }
}
