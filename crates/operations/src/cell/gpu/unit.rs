//! State and gradients of one unit of one row.

use burn_cubecl::cubecl::{self, prelude::*};

/// A unit's new state, and what the backward pass needs of the step.
#[derive(CubeType, Clone, Copy)]
pub(super) struct State {
    /// h'.
    pub hidden: f32,
    /// c', for cells with a memory.
    pub cell: f32,
    /// Activations; how many count is [`crate::cell::cpu::Pointwise::kept`].
    pub first: f32,
    /// The second.
    pub second: f32,
    /// The third.
    pub third: f32,
    /// The fourth.
    pub fourth: f32,
}

/// Gradients at a unit.
#[derive(CubeType, Clone, Copy)]
pub(super) struct Slopes {
    /// Of the first gate's sum.
    pub first: f32,
    /// Of the second's.
    pub second: f32,
    /// Of the third's.
    pub third: f32,
    /// Of the fourth's.
    pub fourth: f32,
    /// Of the third gate's hidden product, where it differs.
    pub inner: f32,
    /// Of the previous hidden vector, by ways that do not pass through the hidden weight.
    pub hidden: f32,
    /// Of the previous memory cell.
    pub cell: f32,
}

/// 1 / (1 + exp(-x)).
#[cube]
pub(super) fn sigmoid(x: f32) -> f32 {
    1.0f32 / (1.0f32 + f32::exp(-x))
}
