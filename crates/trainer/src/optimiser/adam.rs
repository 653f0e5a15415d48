//! Adam, with or without decoupled weight decay.

use burn::tensor::Tensor;
use operations::optimiser;

use super::{Rule, Stride};
use crate::config::{OptimizerConfig, OptimizerKind};

/// Kingma and Ba (2015), algorithm 1; decay as Loshchilov and Hutter (2019), algorithm 2.
#[derive(Debug)]
pub(super) struct Adam {
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    weight_decay: f64,
}

impl Adam {
    /// From an effective config.
    pub(super) fn new(config: &OptimizerConfig) -> Self {
        let decays = config.kind == OptimizerKind::Adamw;
        Self {
            beta1: config.beta1.unwrap_or(0.9),
            beta2: config.beta2.unwrap_or(0.999),
            epsilon: config.epsilon.unwrap_or(1e-8),
            weight_decay: config.weight_decay.filter(|_| decays).unwrap_or(0.0),
        }
    }

    /// One step, as the kernels take it.
    fn kernel(&self, stride: Stride) -> operations::optimiser::cpu::Adam {
        operations::optimiser::cpu::Adam {
            learning_rate: stride.rate as f32,
            beta1: self.beta1 as f32,
            beta2: self.beta2 as f32,
            epsilon: self.epsilon as f32,
            weight_decay: self.weight_decay as f32,
            step: stride.step,
            gradient_scale: stride.scale as f32,
        }
    }
}

impl Rule for Adam {
    fn moments(&self) -> &'static [&'static str] {
        &["first_moment", "second_moment"]
    }

    fn on_host(
        &self,
        stride: Stride,
        values: &mut [f32],
        gradient: &[f32],
        moments: &mut [&mut [f32]],
    ) {
        if let [first, second] = moments {
            operations::optimiser::cpu::adam(&self.kernel(stride), values, gradient, first, second);
        }
    }

    fn on_device(
        &self,
        stride: Stride,
        values: Tensor<1>,
        gradient: Tensor<1>,
        mut moments: Vec<Tensor<1>>,
    ) -> (Tensor<1>, Vec<Tensor<1>>) {
        if let [first, second] = &moments[..]
            && let Some((values, moments)) =
                optimiser::adam(&self.kernel(stride), &values, &gradient, [first, second])
        {
            return (values, moments.into());
        }
        let gradient = gradient * stride.scale;
        // There are always the two of `moments`.
        let (Some(second), Some(first)) = (moments.pop(), moments.pop()) else {
            return (values, moments);
        };
        let first = first * self.beta1 + gradient.clone() * (1.0 - self.beta1);
        let second = second * self.beta2 + gradient.square() * (1.0 - self.beta2);
        let exponent = stride.step as f64;
        let correction1 = 1.0 - self.beta1.powf(exponent);
        let correction2 = 1.0 - self.beta2.powf(exponent);
        let root = (second.clone() / correction2).sqrt() + self.epsilon;
        let kept = values * (1.0 - stride.rate * self.weight_decay);
        let values = kept - first.clone() / root * (stride.rate / correction1);
        (values, vec![first, second])
    }
}
