//! The most probable words of each row, in one launch.

use burn_cubecl::cubecl::{self, prelude::*};
use burn_cubecl::tensor::CubeTensor;

use crate::gpu::layout::{empty, tensor};
use crate::gpu::workgroup_reduction;

/// Threads that work on a row.
const THREADS: usize = 256;

/// The `count` best words of `logits`, `[rows, classes]`, to which `bias`, `[classes]`, is to be
/// added: words and log-probabilities, `[rows, count]` each, best first; the smaller id first among
/// equals. Numbers that cannot be compared are no candidates: a row without any names word 0.
pub(super) fn best(logits: &CubeTensor, bias: &CubeTensor, count: usize) -> (Vec<u32>, Vec<f32>) {
    let [rows, classes] = logits.meta.shape().dims();
    // Ids as floats, which hold whole numbers up to 2^24: one buffer leaves the GPU.
    let found = empty(logits, [rows, 2 * count]);
    search_best::launch(
        &logits.client,
        CubeCount::Static(rows as u32, 1, 1),
        CubeDim::new_1d(THREADS as u32),
        logits.clone().into_buffer_arg(),
        bias.clone().into_buffer_arg(),
        found.clone().into_buffer_arg(),
        classes,
        count,
    );
    let found: Vec<f32> = tensor::<2>(&found).into_data().iter::<f32>().collect();
    let (mut words, mut log_probabilities) = (Vec::new(), Vec::new());
    for row in found.chunks_exact(2 * count) {
        let (values, ids) = row.split_at(count);
        log_probabilities.extend(values);
        words.extend(ids.iter().map(|&id| id as u32));
    }
    (words, log_probabilities)
}

#[cube(launch)]
fn search_best(logits: &[f32], bias: &[f32], found: &mut [f32], classes: usize, count: usize) {
    let row = CUBE_POS_X as usize;
    let unit = UNIT_POS as usize;
    let start = row * classes;
    let mut parts = Shared::<[f32]>::new_slice(THREADS);
    let mut names = Shared::<[u32]>::new_slice(THREADS);

    let mut own = -3.0e38f32.runtime();
    let mut class = unit;
    while class < classes {
        own = max(own, logits[start + class] + bias[class]);
        class += THREADS;
    }
    let largest = workgroup_reduction::largest(own, &mut parts, THREADS);
    let mut mass = 0.0f32.runtime();
    let mut class = unit;
    while class < classes {
        mass += f32::exp(logits[start + class] + bias[class] - largest);
        class += THREADS;
    }
    let mass = workgroup_reduction::sum(mass, &mut parts, THREADS);
    let norm = largest + f32::ln(mass);

    // The best of those that come after the one found before.
    let mut last = 3.0e38f32.runtime();
    let mut last_class = 0usize.runtime();
    for place in 0..count {
        let mut value = -3.0e38f32.runtime();
        let mut name = 0u32.runtime();
        let mut class = unit;
        while class < classes {
            let logit = logits[start + class] + bias[class];
            let left = logit < last || (logit == last && class > last_class);
            if left && logit > value {
                value = logit;
                name = class as u32;
            }
            class += THREADS;
        }
        parts[unit] = value;
        names[unit] = name;
        sync_cube();
        let mut half = comptime!(THREADS / 2).runtime();
        while half > 0 {
            if unit < half {
                let (value, other) = (parts[unit], parts[unit + half]);
                let (name, other_name) = (names[unit], names[unit + half]);
                if other > value || (other == value && other_name < name) {
                    parts[unit] = other;
                    names[unit] = other_name;
                }
            }
            sync_cube();
            half /= 2;
        }
        last = parts[0];
        last_class = names[0] as usize;
        if unit == 0 {
            found[row * 2 * count + place] = last - norm;
            found[row * 2 * count + count + place] = last_class as f32;
        }
        sync_cube();
    }
}
