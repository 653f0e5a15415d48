//! In plain tensor operations.

use burn::tensor::{Int, Tensor, TensorData, activation::log_softmax};

use super::tensors::{IGNORE, Loss, Targets};

/// See [`super::cross_entropy`].
pub(super) fn cross_entropy(
    hidden: Tensor<2>,
    weight: Tensor<2>,
    bias: Tensor<1>,
    targets: &Targets,
    smoothing: f64,
) -> Loss {
    let device = hidden.device();
    let rows = targets.ids().len();
    let classes = bias.dims()[0];
    let real: Vec<f32> = targets
        .ids()
        .iter()
        .map(|&id| f32::from(id != IGNORE))
        .collect();
    let ids: Vec<i32> = targets.ids().iter().map(|&id| id.max(0)).collect();
    let real = Tensor::<1>::from_data(TensorData::new(real, [rows]), &device);
    let ids = Tensor::<2, Int>::from_data(TensorData::new(ids, [rows, 1]), &device);

    let logits = hidden.matmul(weight.transpose()) + bias.unsqueeze();
    let log_probabilities = log_softmax(logits, 1);
    let right = log_probabilities.clone().gather(1, ids).reshape([rows]);
    let right = right * real.clone();
    let all = log_probabilities.sum_dim(1).reshape([rows]) * real;
    let likelihood = right.clone().sum();
    let (right, all) = match targets.weights() {
        Some(weights) => {
            let weights = TensorData::new(weights.to_vec(), [rows]);
            let weights = Tensor::<1>::from_data(weights, &device);
            ((right * weights.clone()).sum(), (all * weights).sum())
        }
        None => (likelihood.clone(), all.sum()),
    };
    let sum = right * (smoothing - 1.0) - all * (smoothing / classes as f64);
    Loss {
        sum,
        negative_log_likelihood: likelihood.inner().neg(),
        tokens: targets.tokens(),
        guided: None,
    }
}
