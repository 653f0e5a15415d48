//! Stochastic gradient descent.

use burn::tensor::Tensor;

use super::{Rule, Stride};
use crate::config::OptimizerConfig;

/// v = momentum v + (g + weight_decay p); p = p - rate v (PyTorch's form).
#[derive(Debug)]
pub(super) struct Sgd {
    momentum: f64,
    weight_decay: f64,
}

impl Sgd {
    /// From an effective config.
    pub(super) fn new(config: &OptimizerConfig) -> Self {
        Self {
            momentum: config.momentum.unwrap_or(0.0),
            weight_decay: config.weight_decay.unwrap_or(0.0),
        }
    }
}

impl Rule for Sgd {
    fn moments(&self) -> &'static [&'static str] {
        if self.momentum == 0.0 {
            &[]
        } else {
            &["velocity"]
        }
    }

    fn on_host(
        &self,
        stride: Stride,
        values: &mut [f32],
        gradient: &[f32],
        moments: &mut [&mut [f32]],
    ) {
        let step = operations::optimiser::cpu::Sgd {
            learning_rate: stride.rate as f32,
            momentum: self.momentum as f32,
            weight_decay: self.weight_decay as f32,
            gradient_scale: stride.scale as f32,
        };
        match moments {
            [velocity] => operations::optimiser::cpu::sgd(&step, values, gradient, velocity),
            _ => operations::optimiser::cpu::sgd(&step, values, gradient, &mut []),
        }
    }

    fn on_device(
        &self,
        stride: Stride,
        values: Tensor<1>,
        gradient: Tensor<1>,
        mut moments: Vec<Tensor<1>>,
    ) -> (Tensor<1>, Vec<Tensor<1>>) {
        let gradient = gradient * stride.scale + values.clone() * self.weight_decay;
        match moments.pop() {
            Some(velocity) => {
                let velocity = velocity * self.momentum + gradient;
                (values - velocity.clone() * stride.rate, vec![velocity])
            }
            None => (values - gradient * stride.rate, vec![]),
        }
    }
}
