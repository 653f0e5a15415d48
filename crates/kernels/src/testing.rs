//! Numbers for tests: a small generator, comparisons and finite differences.

use crate::instruction_sets::{Cap, InstructionSets, capped};

/// `count` numbers in [-1, 1), the same for the same `seed`.
pub fn random(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        })
        .collect()
}

/// The same numbers in double precision.
pub fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&x| f64::from(x)).collect()
}

/// Asserts that two lists agree within `tolerance`, relative to the larger of 1 and the list's largest
/// number.
pub fn assert_close(name: &str, actual: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(actual.len(), expected.len(), "{name}: lengths");
    let scale = expected.iter().fold(1.0f64, |m, x| m.max(x.abs()));
    for (i, (&a, &e)) in actual.iter().zip(expected).enumerate() {
        assert!(
            (f64::from(a) - e).abs() <= tolerance * scale,
            "{name}[{i}]: {a} is not {e}"
        );
    }
}

/// Does `work` once for each choice of instructions that some cap leaves of what this processor has.
pub fn under_each_cap(work: impl Fn() + Sync) {
    let mut seen = Vec::new();
    for cap in Cap::ALL {
        let sets = capped(cap, InstructionSets::in_use);
        if !seen.contains(&sets) {
            seen.push(sets);
            capped(cap, &work);
        }
    }
}

/// Central differences of `objective` in every number of `values`.
pub fn differences(values: &[f64], objective: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let mut values = values.to_vec();
    (0..values.len())
        .map(|i| {
            let (kept, step) = (values[i], 1e-5);
            values[i] = kept + step;
            let high = objective(&values);
            values[i] = kept - step;
            let low = objective(&values);
            values[i] = kept;
            (high - low) / (2.0 * step)
        })
        .collect()
}

/// A row vector times a row-major matrix with `columns` columns.
pub fn row_times(row: &[f64], matrix: &[f64], columns: usize) -> Vec<f64> {
    let mut out = vec![0.0; columns];
    for (x, weights) in row.iter().zip(matrix.chunks_exact(columns)) {
        for (out, weight) in out.iter_mut().zip(weights) {
            *out += x * weight;
        }
    }
    out
}
