//! Gradients: the walk back over target time, then each weight's gradient as one product over all steps.

use super::forward::{Saved, Weights};
use super::inputs::Inputs;
use crate::attention::cpu::steps::{self, Shape};
use crate::cell::cpu::{Carried, Parameters, StepBackward};
use crate::span::{at, step};
use kernels::buffer::Buffer;
use kernels::lanes::column_sums;
use kernels::matmul::{Matrix, matmul, matmul_packed};
use kernels::parallel;
use kernels::storage::list;

/// Gradients of [`Inputs`], in their shapes.
#[derive(Clone, Debug)]
pub struct Gradients {
    /// `[T, B, 3H]`
    pub projected: Vec<f32>,
    /// `[B, H]`
    pub initial: Vec<f32>,
    /// `[H, 3H]`
    pub first_weight: Vec<f32>,
    /// Of the first transition's gates.
    pub first: Parameters<Vec<f32>>,
    /// `[M, 3H]`
    pub context_weight: Vec<f32>,
    /// `[3H]`
    pub bias: Vec<f32>,
    /// `[H, 3H]`
    pub second_weight: Vec<f32>,
    /// Of the second transition's gates.
    pub second: Parameters<Vec<f32>>,
    /// Of the memory and the attention.
    pub attention: steps::Gradients,
}

/// The gradients of [`super::forward`]'s inputs from those of its states, `[T, B, H]`, contexts, `[T, B, M]`, and weights,
/// `[T, B, S]`; contexts and weights may have none.
///
/// # Panics
/// As [`super::forward`] does.
pub fn backward(
    shape: Shape,
    inputs: &Inputs,
    saved: &Saved,
    [grad_states, grad_contexts, grad_weights]: [&[f32]; 3],
) -> Gradients {
    inputs.check(shape);
    let Shape {
        time: steps,
        batch,
        hidden,
        memory,
        ..
    } = shape;
    let [first, second] = [inputs.first.gates(), inputs.second.gates()];
    let gates = first.width(hidden);
    let rows = steps * batch;
    assert_eq!(grad_states.len(), rows * hidden, "grad_states is [T, B, H]");
    assert!(
        [0, rows * memory].contains(&grad_contexts.len()),
        "grad_contexts is [T, B, M]"
    );
    parallel::inside(|| {
        let packed = Weights::new(shape, inputs, true);
        let mut attention =
            steps::WalkBack::new(shape, &inputs.attention, &saved.attention, grad_weights);
        let lists = || [list(rows * gates), list(rows * gates)];
        let [mut projected, mut recurrent] = lists();
        let [mut second_projected, mut second_recurrent] = lists();
        // Each sums for itself; what goes from step to step passes through both.
        let mut carried = Carried::zeros(&second, batch, hidden);
        let mut asked = Carried::zeros(&first, batch, hidden);
        let mut asking = Buffer::new(batch * hidden);
        let mut contexts = Buffer::new(batch * memory);
        for time in (0..steps).rev() {
            let now = step(time, batch, hidden);
            let of_gates = step(time, batch, gates);
            let state = &saved.asking[now.clone()];
            StepBackward {
                gates: second,
                kept: &saved.second[step(time, batch, second.kept(hidden))],
                before: state,
                after: &saved.states[step(time + 1, batch, hidden)],
                cells_before: &[],
                cells_after: &[],
                gradient: &grad_states[now.clone()],
                carried: &mut carried,
                projected: &mut second_projected[of_gates.clone()],
                recurrent: &mut second_recurrent[of_gates.clone()],
            }
            .run(hidden);
            let matrix = |data| Matrix::new(data, batch, gates);
            let own = matrix(&second_recurrent[of_gates.clone()]);
            matmul_packed(own, &packed.second, &mut carried.hidden, true);
            let given = at(grad_contexts, time, batch * memory);
            match given {
                [] => contexts.fill(0.0),
                given => contexts.copy_from_slice(given),
            }
            let own = matrix(&second_projected[of_gates.clone()]);
            matmul_packed(own, &packed.context, &mut contexts, true);
            asking.fill(0.0);
            attention.attend(time, state, &contexts, &mut asking);
            std::mem::swap(&mut carried.hidden, &mut asked.hidden);
            StepBackward {
                gates: first,
                kept: &saved.first[step(time, batch, first.kept(hidden))],
                before: &saved.states[now.clone()],
                after: state,
                cells_before: &[],
                cells_after: &[],
                gradient: &asking,
                carried: &mut asked,
                projected: &mut projected[of_gates.clone()],
                recurrent: &mut recurrent[of_gates.clone()],
            }
            .run(hidden);
            let own = matrix(&recurrent[of_gates]);
            matmul_packed(own, &packed.first, &mut asked.hidden, true);
            std::mem::swap(&mut carried.hidden, &mut asked.hidden);
        }
        let product = |left: &[f32], width: usize, right: &[f32]| {
            let mut out = list(width * gates);
            let left = Matrix::new(left, rows, width).transposed();
            matmul(left, Matrix::new(right, rows, gates), &mut out, false);
            out
        };
        let asked = asked.finish(&first, &recurrent, hidden);
        let carried = carried.finish(&second, &second_recurrent, hidden);
        Gradients {
            initial: carried.initial_hidden,
            first_weight: product(&saved.states[..rows * hidden], hidden, &recurrent),
            first: asked.parameters,
            context_weight: product(&saved.attention.contexts, memory, &second_projected),
            bias: column_sums(&second_projected, gates),
            second_weight: product(&saved.asking, hidden, &second_recurrent),
            second: carried.parameters,
            attention: attention.finish(Matrix::new(&saved.asking, rows, hidden).transposed()),
            projected,
        }
    })
}
