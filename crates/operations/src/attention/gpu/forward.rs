//! From a query to a decoder's output.

use burn_cubecl::cubecl::{self, prelude::*};
use burn_cubecl::tensor::CubeTensor;
use network::Energy;

use super::{LANES, THREADS, room, sum_of_lanes};
use crate::gpu::layout::given;

/// One step of all rows.
pub(crate) struct Forward<'a> {
    /// How energies are made.
    pub energy: Energy<&'a CubeTensor>,
    /// `[batch, source, keys]`
    pub keys: &'a CubeTensor,
    /// The memory times its half of the combination's weight, `[batch, source, hidden]`.
    pub values: &'a CubeTensor,
    /// 1 at real positions, `[source, batch]`.
    pub mask: Option<&'a CubeTensor>,
    /// Products of the state, `[rows, ..]`: for additive energies the query, then for all the
    /// state's share of the combination; more columns may follow.
    pub shares: &'a CubeTensor,
    /// The query of multiplicative energies, `[rows, keys]`.
    pub query: Option<&'a CubeTensor>,
    /// Added to the query of additive energies, `[keys]`.
    pub query_bias: Option<&'a CubeTensor>,
    /// The combination's, `[hidden]`.
    pub bias: &'a CubeTensor,
    /// `[rows, source]`, written: zero at padding.
    pub weights: &'a CubeTensor,
    /// `[rows, keys]`, written: additive queries with their bias, where a backward pass follows.
    pub queries: Option<&'a CubeTensor>,
    /// f, `[rows, hidden]`, written.
    pub output: &'a CubeTensor,
}

/// Computes a step: one launch. Rows may be several times the batch: neighbours share a sentence.
pub(crate) fn forward(step: &Forward<'_>) {
    let [batch, source, hidden] = step.values.meta.shape().dims();
    let rows = step.output.meta.shape()[0];
    attention_forward::launch(
        &step.output.client,
        CubeCount::Static(rows as u32, 1, 1),
        CubeDim::new_1d(THREADS as u32),
        step.keys.clone().into_buffer_arg(),
        step.values.clone().into_buffer_arg(),
        given(step.mask),
        step.shares.clone().into_buffer_arg(),
        given(step.query),
        given(step.query_bias),
        given(step.energy.vector()),
        step.bias.clone().into_buffer_arg(),
        step.weights.clone().into_buffer_arg(),
        given(step.queries),
        step.output.clone().into_buffer_arg(),
        batch,
        rows / batch,
        source,
        step.keys.meta.shape()[2],
        hidden,
        step.shares.meta.shape()[1],
        step.energy.scale(),
        room(source),
    );
}

#[cube(launch)]
fn attention_forward(
    keys: &[f32],
    values: &[f32],
    mask: ComptimeOption<&[f32]>,
    shares: &[f32],
    query: ComptimeOption<&[f32]>,
    query_bias: ComptimeOption<&[f32]>,
    vector: ComptimeOption<&[f32]>,
    bias: &[f32],
    weights: &mut [f32],
    queries: ComptimeOption<&mut [f32]>,
    output: &mut [f32],
    batch: usize,
    beams: usize,
    source: usize,
    size: usize,
    hidden: usize,
    width: usize,
    scale: f32,
    #[comptime] room: usize,
) {
    let row = CUBE_POS_X as usize;
    let sentence = row / beams;
    let unit = UNIT_POS as usize;
    let lane = unit % LANES;
    let mut parts = Shared::<[f32]>::new_slice(THREADS);
    let mut energies = Shared::<[f32]>::new_slice(room);

    // Energies, several positions at a time.
    let mut first = 0usize.runtime();
    while first < source {
        let position = first + unit / LANES;
        let mut part = 0.0f32.runtime();
        if position < source {
            let start = (sentence * source + position) * size;
            let mut place = lane;
            while place < size {
                #[comptime]
                match &vector {
                    ComptimeOption::Some(vector) => {
                        let mut asked = shares[row * width + place];
                        #[comptime]
                        if let ComptimeOption::Some(bias) = &query_bias {
                            asked += bias[place];
                        }
                        part += vector[place] * f32::tanh(keys[start + place] + asked);
                    }
                    ComptimeOption::None =>
                    {
                        #[comptime]
                        if let ComptimeOption::Some(query) = &query {
                            part += keys[start + place] * query[row * size + place];
                        }
                    }
                };
                place += LANES;
            }
        }
        parts[unit] = part;
        sync_cube();
        if lane == 0 && position < source {
            energies[position] = sum_of_lanes(&parts) * scale;
        }
        sync_cube();
        first += comptime!(THREADS / LANES);
    }

    // Weights: every thread looks for the largest energy.
    let mut largest = -3.0e38f32.runtime();
    for position in 0..source {
        #[comptime]
        let real = match &mask {
            ComptimeOption::Some(mask) => mask[position * batch + sentence] > 0.0f32,
            ComptimeOption::None => true.runtime(),
        };
        if real {
            largest = max(largest, energies[position]);
        }
    }
    sync_cube();
    let mut position = unit;
    while position < source {
        #[comptime]
        let real = match &mask {
            ComptimeOption::Some(mask) => mask[position * batch + sentence] > 0.0f32,
            ComptimeOption::None => true.runtime(),
        };
        energies[position] = select(real, f32::exp(energies[position] - largest), 0.0f32);
        position += THREADS;
    }
    sync_cube();
    let mut total = 0.0f32.runtime();
    for position in 0..source {
        total += energies[position];
    }
    let norm = 1.0f32 / total;
    let mut position = unit;
    while position < source {
        weights[row * source + position] = energies[position] * norm;
        position += THREADS;
    }

    // The query is the first share where there is a vector.
    #[comptime]
    if let ComptimeOption::Some(queries) = queries {
        let mut place = unit;
        while place < size {
            let mut asked = shares[row * width + place];
            #[comptime]
            if let ComptimeOption::Some(bias) = &query_bias {
                asked += bias[place];
            }
            queries[row * size + place] = asked;
            place += THREADS;
        }
    }
    #[comptime]
    let share = match &vector {
        ComptimeOption::Some(_) => row * width + size,
        ComptimeOption::None => row * width,
    };
    let mut place = unit;
    while place < hidden {
        let mut sum = 0.0f32.runtime();
        for position in 0..source {
            sum += energies[position] * values[(sentence * source + position) * hidden + place];
        }
        output[row * hidden + place] = f32::tanh(shares[share + place] + bias[place] + sum * norm);
        place += THREADS;
    }
}
