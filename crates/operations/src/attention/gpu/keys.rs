//! The gradients of what all steps share, once a sequence.

use burn_cubecl::cubecl::{self, prelude::*};
use burn_cubecl::tensor::CubeTensor;
use network::Energy;

use crate::gpu::layout::{Slots, given, threads};

/// All steps of all sentences.
pub(crate) struct Keys<'a> {
    /// How energies are made.
    pub energy: Energy<&'a CubeTensor>,
    /// `[batch, source, keys]`
    pub keys: &'a CubeTensor,
    /// With their bias, `[batch, keys]` of each step; and the slot of the first.
    pub queries: (&'a Slots, usize),
    /// `[batch, source]` of each step.
    pub weights: &'a Slots,
    /// The gradients of the energies, `[batch, source]` of each step.
    pub energies: &'a Slots,
    /// The gradients of the shares, `[batch, ..]` of each step; and the slot of the first.
    pub shares: (&'a Slots, usize),
    /// How many steps.
    pub time: usize,
    /// `[batch, source, keys]`, written: the gradient of the keys.
    pub d_keys: &'a CubeTensor,
    /// `[batch, source, hidden]`, written: the gradient of the memory times its weight.
    pub d_values: &'a CubeTensor,
    /// `[batch * source, keys]`, written: what to sum for the gradient of an additive vector.
    pub d_vector: Option<&'a CubeTensor>,
}

/// Computes the gradients: one launch.
pub(crate) fn keys(all: &Keys<'_>) {
    let [batch, source, size] = all.keys.meta.shape().dims();
    let hidden = all.d_values.meta.shape()[2];
    let client = &all.keys.client;
    let (cubes, threads) = threads(client, batch * source * size.max(hidden));
    attention_keys::launch(
        client,
        cubes,
        threads,
        all.keys.clone().into_buffer_arg(),
        given(all.energy.vector()),
        all.queries.0.all().clone().into_buffer_arg(),
        all.weights.all().clone().into_buffer_arg(),
        all.energies.all().clone().into_buffer_arg(),
        all.shares.0.all().clone().into_buffer_arg(),
        all.d_keys.clone().into_buffer_arg(),
        all.d_values.clone().into_buffer_arg(),
        given(all.d_vector),
        all.time,
        batch * source,
        source,
        size,
        hidden,
        all.shares.0.width(),
        all.queries.0.stride(),
        all.queries.1 * all.queries.0.stride(),
        all.weights.stride(),
        all.energies.stride(),
        all.shares.0.stride(),
        all.shares.1 * all.shares.0.stride(),
        all.energy.scale(),
    );
}

#[cube(launch)]
fn attention_keys(
    keys: &[f32],
    vector: ComptimeOption<&[f32]>,
    queries: &[f32],
    weights: &[f32],
    energies: &[f32],
    shares: &[f32],
    d_keys: &mut [f32],
    d_values: &mut [f32],
    d_vector: ComptimeOption<&mut [f32]>,
    time: usize,
    positions: usize,
    source: usize,
    size: usize,
    hidden: usize,
    shares_width: usize,
    queries_stride: usize,
    queries_first: usize,
    weights_stride: usize,
    energies_stride: usize,
    shares_stride: usize,
    shares_first: usize,
    scale: f32,
) {
    let widest = max(size, hidden);
    let position = ABSOLUTE_POS / widest;
    let place = ABSOLUTE_POS % widest;
    if position >= positions {
        terminate!();
    }
    let row = position / source;

    if place < size {
        let key = keys[position * size + place];
        let mut sum = 0.0f32.runtime();
        let mut energy = 0.0f32.runtime();
        for step in 0..time {
            let slope = energies[step * energies_stride + position];
            let asked = queries[queries_first + step * queries_stride + row * size + place];
            #[comptime]
            match &vector {
                ComptimeOption::Some(_) => {
                    let squashed = f32::tanh(key + asked);
                    sum += slope * (1.0f32 - squashed * squashed);
                    energy += slope * squashed;
                }
                ComptimeOption::None => {
                    sum += slope * asked;
                }
            };
        }
        #[comptime]
        match &vector {
            ComptimeOption::Some(vector) => {
                d_keys[position * size + place] = sum * vector[place];
            }
            ComptimeOption::None => {
                d_keys[position * size + place] = sum * scale;
            }
        };
        #[comptime]
        if let ComptimeOption::Some(d_vector) = d_vector {
            d_vector[position * size + place] = energy;
        }
    }
    if place < hidden {
        #[comptime]
        let share = match &vector {
            ComptimeOption::Some(_) => row * shares_width + size + place,
            ComptimeOption::None => row * shares_width + place,
        };
        let mut sum = 0.0f32.runtime();
        for step in 0..time {
            sum += weights[step * weights_stride + position]
                * shares[shares_first + step * shares_stride + share];
        }
        d_values[position * hidden + place] = sum;
    }
}
