//! Reductions over the threads of a cube (workgroup). Each function is for all of them to call, with as
//! many numbers as there are threads, a power of two.

use burn_cubecl::cubecl::{self, prelude::*};

/// The sum of the threads' numbers.
#[cube]
pub(crate) fn sum(own: f32, parts: &mut Shared<[f32]>, #[comptime] threads: usize) -> f32 {
    let unit = UNIT_POS as usize;
    parts[unit] = own;
    sync_cube();
    let mut half = comptime!(threads / 2).runtime();
    while half > 0 {
        if unit < half {
            parts[unit] += parts[unit + half];
        }
        sync_cube();
        half /= 2;
    }
    let found = parts[0];
    sync_cube();
    found
}

/// The largest of the threads' numbers.
#[cube]
pub(crate) fn largest(own: f32, parts: &mut Shared<[f32]>, #[comptime] threads: usize) -> f32 {
    let unit = UNIT_POS as usize;
    parts[unit] = own;
    sync_cube();
    let mut half = comptime!(threads / 2).runtime();
    while half > 0 {
        if unit < half {
            parts[unit] = max(parts[unit], parts[unit + half]);
        }
        sync_cube();
        half /= 2;
    }
    let found = parts[0];
    sync_cube();
    found
}
