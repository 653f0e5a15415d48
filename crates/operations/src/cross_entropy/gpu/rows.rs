//! Each row of logits: its loss, then its gradient.

use burn_cubecl::cubecl::{self, prelude::*};
use burn_cubecl::tensor::CubeTensor;

use crate::gpu::layout::threads;
use crate::gpu::workgroup_reduction;

/// Threads that work on a row.
const THREADS: usize = 256;

/// All rows forward.
pub(super) struct Forward<'a> {
    /// `[rows, classes]`, without the bias.
    pub logits: &'a CubeTensor,
    /// `[classes]`
    pub bias: &'a CubeTensor,
    /// `[rows]`, negative where there is none.
    pub targets: &'a CubeTensor,
    /// The share of probability that goes to all classes alike.
    pub smoothing: f32,
    /// `[rows]`, written: the logarithm of the sum of exponentials.
    pub norms: &'a CubeTensor,
    /// `[2, rows]`, written: the loss, then the negative log-likelihood alone.
    pub losses: &'a CubeTensor,
}

/// Computes the losses: one launch.
pub(super) fn forward(all: &Forward<'_>) {
    let [rows, classes] = all.logits.meta.shape().dims();
    loss_rows::launch(
        &all.logits.client,
        CubeCount::Static(rows as u32, 1, 1),
        CubeDim::new_1d(THREADS as u32),
        all.logits.clone().into_buffer_arg(),
        all.bias.clone().into_buffer_arg(),
        all.targets.clone().into_buffer_arg(),
        all.norms.clone().into_buffer_arg(),
        all.losses.clone().into_buffer_arg(),
        rows,
        classes,
        all.smoothing,
    );
}

#[cube(launch)]
fn loss_rows(
    logits: &[f32],
    bias: &[f32],
    targets: &[i32],
    norms: &mut [f32],
    losses: &mut [f32],
    rows: usize,
    classes: usize,
    smoothing: f32,
) {
    let row = CUBE_POS_X as usize;
    let unit = UNIT_POS as usize;
    let start = row * classes;
    let mut parts = Shared::<[f32]>::new_slice(THREADS);

    let mut largest = -3.0e38f32.runtime();
    let mut total = 0.0f32.runtime();
    let mut class = unit;
    while class < classes {
        let logit = logits[start + class] + bias[class];
        largest = max(largest, logit);
        total += logit;
        class += THREADS;
    }
    let largest = workgroup_reduction::largest(largest, &mut parts, THREADS);
    let total = workgroup_reduction::sum(total, &mut parts, THREADS);

    let mut mass = 0.0f32.runtime();
    let mut class = unit;
    while class < classes {
        mass += f32::exp(logits[start + class] + bias[class] - largest);
        class += THREADS;
    }
    let mass = workgroup_reduction::sum(mass, &mut parts, THREADS);

    if unit == 0 {
        let norm = largest + f32::ln(mass);
        norms[row] = norm;
        let target = targets[row];
        if target < 0 {
            losses[row] = 0.0f32;
            losses[rows + row] = 0.0f32;
        } else {
            let right = target as usize;
            let likelihood = norm - logits[start + right] - bias[right];
            let mean = norm - total / classes as f32;
            losses[row] = (1.0f32 - smoothing) * likelihood + smoothing * mean;
            losses[rows + row] = likelihood;
        }
    }
}

/// All rows backward.
pub(super) struct Backward<'a> {
    /// `[rows, classes]`, without the bias; replaced by their gradients.
    pub logits: &'a CubeTensor,
    /// `[classes]`
    pub bias: &'a CubeTensor,
    /// `[rows]`, negative where there is none.
    pub targets: &'a CubeTensor,
    /// The share of probability that goes to all classes alike.
    pub smoothing: f32,
    /// `[rows]`: the logarithm of the sum of exponentials.
    pub norms: &'a CubeTensor,
    /// The summed loss's, `[1]`.
    pub gradient: &'a CubeTensor,
}

/// Computes the gradients: one launch.
pub(super) fn backward(all: &Backward<'_>) {
    let [rows, classes] = all.logits.meta.shape().dims();
    let client = &all.logits.client;
    let (cubes, threads) = threads(client, rows * classes);
    loss_gradient::launch(
        client,
        cubes,
        threads,
        all.logits.clone().into_buffer_arg(),
        all.bias.clone().into_buffer_arg(),
        all.targets.clone().into_buffer_arg(),
        all.norms.clone().into_buffer_arg(),
        all.gradient.clone().into_buffer_arg(),
        rows,
        classes,
        all.smoothing,
    );
}

#[cube(launch)]
fn loss_gradient(
    logits: &mut [f32],
    bias: &[f32],
    targets: &[i32],
    norms: &[f32],
    gradient: &[f32],
    rows: usize,
    classes: usize,
    smoothing: f32,
) {
    let place = ABSOLUTE_POS;
    if place >= rows * classes {
        terminate!();
    }
    let row = place / classes;
    let class = place % classes;
    let target = targets[row];
    let mut slope = f32::exp(logits[place] + bias[class] - norms[row]) - smoothing / classes as f32;
    if target == class as i32 {
        slope -= 1.0f32 - smoothing;
    }
    logits[place] = select(target < 0, 0.0f32, slope * gradient[0]);
}
