//! From the gradient of a decoder's output back to its query.

use burn_cubecl::cubecl::{self, prelude::*};
use burn_cubecl::tensor::CubeTensor;
use network::Energy;

use super::{LANES, THREADS, room, sum_of_lanes};
use crate::gpu::layout::given;

/// One step of all rows.
pub(crate) struct Backward<'a> {
    /// How energies are made.
    pub energy: Energy<&'a CubeTensor>,
    /// `[batch, source, keys]`
    pub keys: &'a CubeTensor,
    /// The memory times its half of the combination's weight, `[batch, source, hidden]`.
    pub values: &'a CubeTensor,
    /// With their bias, `[batch, keys]`.
    pub queries: &'a CubeTensor,
    /// `[batch, source]`
    pub weights: &'a CubeTensor,
    /// f, `[batch, hidden]`.
    pub output: &'a CubeTensor,
    /// The gradient of all outputs, `[steps, batch, hidden]`, and which step counts.
    pub upstream: (&'a CubeTensor, usize),
    /// Gradient of this step's output that comes from the next step, `[batch, hidden]`.
    pub later: Option<&'a CubeTensor>,
    /// `[batch, ..]`, written: the gradients of [`super::Forward::shares`], but for the columns
    /// that follow.
    pub shares: &'a CubeTensor,
    /// `[batch, keys]`, written: the gradient of a multiplicative query.
    pub query: Option<&'a CubeTensor>,
    /// `[batch, source]`, written: the gradients of the energies.
    pub energies: &'a CubeTensor,
}

/// Computes a step: one launch.
pub(crate) fn backward(step: &Backward<'_>) {
    let [batch, source, hidden] = step.values.meta.shape().dims();
    attention_backward::launch(
        &step.output.client,
        CubeCount::Static(batch as u32, 1, 1),
        CubeDim::new_1d(THREADS as u32),
        step.keys.clone().into_buffer_arg(),
        step.values.clone().into_buffer_arg(),
        given(step.energy.vector()),
        step.queries.clone().into_buffer_arg(),
        step.weights.clone().into_buffer_arg(),
        step.output.clone().into_buffer_arg(),
        step.upstream.0.clone().into_buffer_arg(),
        // Read by nobody where nothing comes later: any buffer of that size will do.
        step.later.unwrap_or(step.output).clone().into_buffer_arg(),
        step.shares.clone().into_buffer_arg(),
        given(step.query),
        step.energies.clone().into_buffer_arg(),
        source,
        step.keys.meta.shape()[2],
        step.shares.meta.shape()[1],
        step.upstream.1 * batch,
        u32::from(step.later.is_none()),
        step.energy.scale(),
        room(source),
        hidden,
    );
}

#[cube(launch)]
fn attention_backward(
    keys: &[f32],
    values: &[f32],
    vector: ComptimeOption<&[f32]>,
    queries: &[f32],
    weights: &[f32],
    output: &[f32],
    upstream: &[f32],
    later: &[f32],
    shares: &mut [f32],
    mut query: ComptimeOption<&mut [f32]>,
    energies: &mut [f32],
    source: usize,
    size: usize,
    width: usize,
    upstream_row: usize,
    last: u32,
    scale: f32,
    #[comptime] room: usize,
    #[comptime] hidden: usize,
) {
    let row = CUBE_POS_X as usize;
    let unit = UNIT_POS as usize;
    let lane = unit % LANES;
    let mut parts = Shared::<[f32]>::new_slice(THREADS);
    let mut slopes = Shared::<[f32]>::new_slice(room);
    let mut combined = Shared::<[f32]>::new_slice(hidden);

    // Before the hyperbolic tangent.
    #[comptime]
    let share = match &vector {
        ComptimeOption::Some(_) => row * width + size,
        ComptimeOption::None => row * width,
    };
    let mut place = unit;
    while place < hidden {
        let at = row * hidden + place;
        let mut told = upstream[upstream_row * hidden + at];
        if last == 0 {
            told += later[at];
        }
        let value = output[at];
        let gradient = told * (1.0f32 - value * value);
        combined[place] = gradient;
        shares[share + place] = gradient;
        place += THREADS;
    }
    sync_cube();

    // Of the weights, several positions at a time.
    let mut first = 0usize.runtime();
    while first < source {
        let position = first + unit / LANES;
        let mut part = 0.0f32.runtime();
        if position < source {
            let start = (row * source + position) * hidden;
            let mut place = lane;
            while place < hidden {
                part += values[start + place] * combined[place];
                place += LANES;
            }
        }
        parts[unit] = part;
        sync_cube();
        if lane == 0 && position < source {
            slopes[position] = sum_of_lanes(&parts);
        }
        sync_cube();
        first += comptime!(THREADS / LANES);
    }

    // Of the energies.
    let mut mean = 0.0f32.runtime();
    for position in 0..source {
        mean += weights[row * source + position] * slopes[position];
    }
    sync_cube();
    let mut position = unit;
    while position < source {
        let at = row * source + position;
        let slope = weights[at] * (slopes[position] - mean);
        slopes[position] = slope;
        energies[at] = slope;
        position += THREADS;
    }
    sync_cube();

    // Of the query.
    let mut place = unit;
    while place < size {
        let mut sum = 0.0f32.runtime();
        let asked = queries[row * size + place];
        for position in 0..source {
            let key = keys[(row * source + position) * size + place];
            #[comptime]
            match &vector {
                ComptimeOption::Some(_) => {
                    let squashed = f32::tanh(key + asked);
                    sum += slopes[position] * (1.0f32 - squashed * squashed);
                }
                ComptimeOption::None => {
                    sum += slopes[position] * key;
                }
            };
        }
        #[comptime]
        match &vector {
            ComptimeOption::Some(vector) => {
                shares[row * width + place] = sum * vector[place];
            }
            ComptimeOption::None =>
            {
                #[comptime]
                if let ComptimeOption::Some(query) = &mut query {
                    query[row * size + place] = sum * scale;
                }
            }
        };
        place += THREADS;
    }
}
