//! The output layer and the label-smoothed cross-entropy: a program between the matrix products.
//!
//! Padded positions are worked on, and count for nothing: without them the number of rows, and so
//! the shape of every product, would be another for each batch, and a GPU compiles and tries out
//! programs for each new shape.

mod rows;

use burn::tensor::{Int, Tensor, TensorData};
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;

use crate::cross_entropy::tensors::{Loss, Targets};
use crate::gpu::layout::{empty, part, product, reshaped, tensor, transposed, values};
use crate::gpu::node::{Operand, Operation, apply};

#[derive(Debug, Clone)]
struct CrossEntropy {
    /// `[rows]`, negative where there is none.
    targets: CubeTensor,
    smoothing: f32,
}

/// Values kept for the backward pass.
struct Saved {
    /// `[rows, classes]`, without the bias; the backward pass makes them their own gradients.
    logits: CubeTensor,
    /// The logarithm of the sum of exponentials, `[rows]`.
    norms: CubeTensor,
    /// The negative log-likelihood alone, summed, `[1]`.
    likelihood: CubeTensor,
}

impl Operation<3> for CrossEntropy {
    type Saved = Saved;

    fn forward(
        &self,
        [hidden, weight, bias]: &[CubeTensor; 3],
        _gradients: bool,
    ) -> (CubeTensor, Saved) {
        let logits = product(hidden, &transposed(weight));
        let rows = hidden.meta.shape()[0];
        let norms = empty(hidden, [rows]);
        let losses = empty(hidden, [2, rows]);
        rows::forward(&rows::Forward {
            logits: &logits,
            bias,
            targets: &self.targets,
            smoothing: self.smoothing,
            norms: &norms,
            losses: &losses,
        });
        let sums = values(tensor::<2>(&losses).sum_dim(1));
        let saved = Saved {
            logits,
            norms,
            likelihood: part(&sums, 1, [1]),
        };
        (part(&sums, 0, [1]), saved)
    }

    fn backward(
        &self,
        [hidden, weight, bias]: &[CubeTensor; 3],
        saved: &Saved,
        gradient: CubeTensor,
        wanted: [bool; 3],
    ) -> [Option<CubeTensor>; 3] {
        // A graph is walked once: the logits are not needed again.
        let logits = &saved.logits;
        rows::backward(&rows::Backward {
            logits,
            bias,
            targets: &self.targets,
            smoothing: self.smoothing,
            norms: &saved.norms,
            gradient: &gradient,
        });
        let classes = bias.meta.shape()[0];
        let of_bias = || values(tensor::<2>(logits).sum_dim(0));
        [
            wanted[0].then(|| product(logits, weight)),
            wanted[1].then(|| product(&transposed(logits), hidden)),
            wanted[2].then(|| reshaped(&of_bias(), [classes])),
        ]
    }
}

/// See [`crate::cross_entropy::cross_entropy`].
pub(crate) fn cross_entropy(
    hidden: Tensor<2>,
    weight: Tensor<2>,
    bias: Tensor<1>,
    targets: &Targets,
    smoothing: f64,
) -> Loss {
    let ids = targets.ids().to_vec();
    let count = ids.len();
    let device = hidden.device().inner();
    let ids = Tensor::<1, Int>::from_data(TensorData::new(ids, [count]), &device);
    let operation = CrossEntropy {
        // It was made on the GPU of `hidden`.
        targets: ids
            .try_into_primitive::<CubeBackend>()
            .unwrap_or_else(|error| unreachable!("{error:?}")),
        smoothing: smoothing as f32,
    };
    let inputs = [
        Operand::new(hidden),
        Operand::new(weight),
        Operand::new(bias),
    ];
    let (sum, saved) = apply(operation, inputs);
    Loss {
        sum,
        negative_log_likelihood: tensor(&saved.likelihood),
        tokens: targets.tokens(),
        guided: None,
    }
}
