//! The walk over target time.

use super::inputs::{CELL, Inputs};
use crate::attention::cpu::steps::{self, Shape};
use crate::cell::cpu::StepForward;
use crate::span::{repeat, step};
use kernels::buffer::Buffer;
use kernels::matmul::{Matrix, Packed, matmul_packed};
use kernels::parallel;
use kernels::storage::copy;

/// Values kept for the backward pass.
#[derive(Clone, Debug)]
pub struct Saved {
    /// `[T + 1, B, H]`: s, after the initial state.
    pub(super) states: Buffer,
    /// `[T, B, H]`: s'.
    pub(super) asking: Buffer,
    /// `[T, B, kept * H]`, of the first transition.
    pub(super) first: Buffer,
    /// As `first`, of the second.
    pub(super) second: Buffer,
    pub(super) attention: steps::Saved,
}

/// What the walk makes.
#[derive(Clone, Debug)]
pub struct Forward {
    /// s_t, `[T, B, H]`.
    pub states: Vec<f32>,
    /// c_t, `[T, B, M]`; with several heads, theirs side by side.
    pub contexts: Vec<f32>,
    /// What the backward pass needs.
    pub saved: Saved,
}

impl Saved {
    /// Attention weights, `[T, B, S]`, zero at padded source positions; the mean of the heads'.
    pub fn weights(&self) -> Vec<f32> {
        self.attention.weights()
    }
}

/// Matrices, packed once for the products of every step.
pub(super) struct Weights {
    pub first: Packed,
    pub context: Packed,
    pub second: Packed,
}

impl Weights {
    /// As they are for the forward pass, or transposed for the backward pass.
    pub fn new(shape: Shape, inputs: &Inputs, transposed: bool) -> Self {
        let gates = CELL.gates() * shape.hidden;
        let pack = |data: &[f32]| {
            let matrix = Matrix::new(data, data.len() / gates, gates);
            Packed::new(match transposed {
                true => matrix.transposed(),
                false => matrix,
            })
        };
        Self {
            first: pack(inputs.first.weight),
            context: pack(inputs.context_weight),
            second: pack(inputs.second.weight),
        }
    }
}

/// Runs the walk.
///
/// # Panics
/// When a slice has another length than its documented shape, or several heads do not divide keys and memory, are
/// additive or have a window.
pub fn forward(shape: Shape, inputs: &Inputs) -> Forward {
    inputs.check(shape);
    let Shape {
        time,
        batch,
        hidden,
        memory,
        ..
    } = shape;
    let [first, second] = [inputs.first.gates(), inputs.second.gates()];
    let gates = first.width(hidden);
    assert_eq!(
        inputs.projected.len(),
        time * batch * gates,
        "projected is [T, B, 3H]"
    );
    parallel::inside(|| {
        let rows = time * batch;
        let mut saved = Saved {
            states: Buffer::new((time + 1) * batch * hidden),
            asking: Buffer::new(rows * hidden),
            first: Buffer::new(rows * first.kept(hidden)),
            second: Buffer::new(rows * second.kept(hidden)),
            attention: steps::Saved::new(shape, &inputs.attention),
        };
        saved.states[..batch * hidden].copy_from_slice(inputs.initial);
        let packed = Weights::new(shape, inputs, false);
        let attention = steps::Walk::new(shape, &inputs.attention);
        let mut recurrent = Buffer::new(batch * gates);
        let mut projected = Buffer::new(batch * gates);
        for time in 0..time {
            let now = step(time, batch, hidden);
            let (before, after) = saved.states.split_at_mut(now.end);
            let before = &before[now.clone()];
            let matrix = |data| Matrix::new(data, batch, hidden);
            matmul_packed(matrix(before), &packed.first, &mut recurrent, false);
            StepForward {
                gates: first,
                projected: &inputs.projected[step(time, batch, gates)],
                recurrent: &recurrent,
                before,
                cells_before: &[],
                kept: &mut saved.first[step(time, batch, first.kept(hidden))],
                after: &mut saved.asking[now.clone()],
                cells_after: &mut [],
            }
            .run(hidden);
            let asking = &saved.asking[now];
            attention.attend(time, asking, &mut saved.attention);
            repeat(inputs.bias, &mut projected);
            let contexts = &saved.attention.contexts[step(time, batch, memory)];
            let contexts = Matrix::new(contexts, batch, memory);
            matmul_packed(contexts, &packed.context, &mut projected, true);
            matmul_packed(matrix(asking), &packed.second, &mut recurrent, false);
            StepForward {
                gates: second,
                projected: &projected,
                recurrent: &recurrent,
                before: asking,
                cells_before: &[],
                kept: &mut saved.second[step(time, batch, second.kept(hidden))],
                after: &mut after[..batch * hidden],
                cells_after: &mut [],
            }
            .run(hidden);
        }
        Forward {
            states: copy(&saved.states[batch * hidden..]),
            contexts: copy(&saved.attention.contexts),
            saved,
        }
    })
}
