//! The optimiser's passes over a parameter.

use burn::tensor::Tensor;
use burn_cubecl::cubecl::{self, prelude::*};

use super::cpu::Adam;
use crate::gpu::layout::{empty, tensor, threads, values};
use crate::gpu::workgroup_reduction;

/// Threads that sum together.
const THREADS: usize = 256;

/// Sums of one tensor.
const SUMS: usize = 32;

/// See [`super::adam`].
pub(super) fn adam(
    rule: &Adam,
    parameter: &Tensor<1>,
    gradient: &Tensor<1>,
    [first, second]: [&Tensor<1>; 2],
) -> (Tensor<1>, [Tensor<1>; 2]) {
    let [parameter, gradient, first, second] =
        [parameter, gradient, first, second].map(|tensor| values(tensor.clone()));
    let count = parameter.meta.num_elements();
    let [new, new_first, new_second] = [(); 3].map(|()| empty(&parameter, [count]));
    let (cubes, threads) = threads(&parameter.client, count);
    let correction = |beta: f32| 1.0 - f64::from(beta).powf(rule.step as f64);
    let rate = f64::from(rule.learning_rate);
    adam_step::launch(
        &parameter.client,
        cubes,
        threads,
        parameter.clone().into_buffer_arg(),
        gradient.into_buffer_arg(),
        first.into_buffer_arg(),
        second.into_buffer_arg(),
        new.clone().into_buffer_arg(),
        new_first.clone().into_buffer_arg(),
        new_second.clone().into_buffer_arg(),
        rule.gradient_scale,
        rule.beta1,
        rule.beta2,
        (1.0 - rate * f64::from(rule.weight_decay)) as f32,
        (rate / correction(rule.beta1)) as f32,
        (1.0 / correction(rule.beta2)) as f32,
        rule.epsilon,
    );
    (tensor(&new), [tensor(&new_first), tensor(&new_second)])
}

#[cube(launch)]
#[allow(clippy::too_many_arguments)] // A program's arguments.
fn adam_step(
    parameter: &[f32],
    gradient: &[f32],
    first: &[f32],
    second: &[f32],
    new: &mut [f32],
    new_first: &mut [f32],
    new_second: &mut [f32],
    scale: f32,
    beta1: f32,
    beta2: f32,
    kept: f32,
    rate: f32,
    correction: f32,
    epsilon: f32,
) {
    let place = ABSOLUTE_POS;
    if place >= new.len() {
        terminate!();
    }
    let slope = gradient[place] * scale;
    let mean = first[place] * beta1 + slope * (1.0f32 - beta1);
    let square = second[place] * beta2 + slope * slope * (1.0f32 - beta2);
    let root = f32::sqrt(square * correction) + epsilon;
    new_first[place] = mean;
    new_second[place] = square;
    new[place] = parameter[place] * kept - mean / root * rate;
}

/// See [`super::squared_norm`].
pub(super) fn squared_norm(tensors: &[&Tensor<1>]) -> Option<f64> {
    let buffers: Vec<_> = tensors
        .iter()
        .map(|&tensor| values(tensor.clone()))
        .collect();
    let sums = empty(buffers.first()?, [buffers.len() * SUMS]);
    for (number, buffer) in buffers.into_iter().enumerate() {
        let count = buffer.meta.num_elements();
        squares::launch(
            &sums.client,
            CubeCount::Static(SUMS as u32, 1, 1),
            CubeDim::new_1d(THREADS as u32),
            buffer.into_buffer_arg(),
            sums.clone().into_buffer_arg(),
            count,
            number * SUMS,
        );
    }
    let sums = tensor::<1>(&sums).into_data();
    Some(sums.iter::<f32>().map(f64::from).sum())
}

#[cube(launch)]
fn squares(values: &[f32], sums: &mut [f32], count: usize, first: usize) {
    let unit = UNIT_POS as usize;
    let mut parts = Shared::<[f32]>::new_slice(THREADS);
    let mut sum = 0.0f32.runtime();
    let mut place = ABSOLUTE_POS;
    while place < count {
        sum += values[place] * values[place];
        place += comptime!(THREADS * SUMS);
    }
    let all = workgroup_reduction::sum(sum, &mut parts, THREADS);
    if unit == 0 {
        sums[first + CUBE_POS_X as usize] = all;
    }
}
