//! Gradients: the walk back over target time, then each weight's gradient as one product over all steps.

use super::forward::Saved;
use super::inputs::Inputs;
use super::walk_back::WalkBack;
use crate::attention::cpu::steps::{self, Shape};
use crate::cell::cpu::{self as cell, Pointwise};
use kernels::lanes::column_sums;
use kernels::matmul::{Matrix, Packed, matmul, matmul_packed, matmul_together};
use kernels::parallel;
use kernels::storage::list;
use network::cell::Cell;

/// Gradients of a layer's parameters, in their shapes.
#[derive(Clone, Debug)]
pub struct LayerGradients {
    /// `[H, G*H]`
    pub input_weight: Vec<f32>,
    /// `[G*H]`; empty for layer 0.
    pub bias: Vec<f32>,
    /// `[H, G*H]`
    pub hidden_weight: Vec<f32>,
    /// Of the cell's gates and first states.
    pub cell: cell::Gradients,
    /// Of a norm, `[H]`, else empty.
    pub gain: Vec<f32>,
    /// As `gain`.
    pub norm_bias: Vec<f32>,
}

/// Gradients of the decoder's inputs, in their shapes.
#[derive(Clone, Debug)]
pub struct Gradients {
    /// `[T, B, G*H]`
    pub projected: Vec<f32>,
    /// From the lowest to the highest.
    pub layers: Vec<LayerGradients>,
    /// Of the memory and the attention.
    pub attention: steps::Gradients,
    /// `[H + M, H]`
    pub combine_weight: Vec<f32>,
    /// `[H]`
    pub combine_bias: Vec<f32>,
}

/// The gradients of [`super::forward`]'s inputs from `grad_outputs`, `[T, B, H]`, and `grad_weights`,
/// `[T, B, S]` or empty for none.
///
/// # Panics
/// As [`super::forward`] does.
pub fn backward(
    cell: Cell,
    shape: Shape,
    inputs: &Inputs,
    saved: &Saved,
    grad_outputs: &[f32],
    grad_weights: &[f32],
) -> Gradients {
    inputs.check(cell, shape);
    let Shape {
        time,
        batch,
        hidden,
        ..
    } = shape;
    assert_eq!(
        grad_outputs.len(),
        time * batch * hidden,
        "grad_outputs is [T, B, H]"
    );
    parallel::inside(|| {
        let mut walk = WalkBack::new(cell, shape, inputs, saved, [grad_outputs, grad_weights]);
        for time in (0..time).rev() {
            walk.step(time);
        }
        gather(shape, inputs, saved, walk)
    })
}

/// The products over all steps, and everything in its place.
fn gather(shape: Shape, inputs: &Inputs, saved: &Saved, walk: WalkBack) -> Gradients {
    let Shape {
        time,
        batch,
        hidden,
        memory,
        ..
    } = shape;
    let WalkBack {
        cell,
        layers,
        combined,
        attention,
        ..
    } = walk;
    let gates = cell.gates() * hidden;
    let own_gates = if cell.has_own_recurrent_gradient() {
        gates
    } else {
        0
    };
    let steps = time * batch;
    let after = batch * hidden;
    let top_layer = &saved.layers[saved.layers.len() - 1];
    let top = Matrix::new(top_layer.outputs(after), steps, hidden).transposed();
    let asking = match inputs.before {
        true => {
            let before = &top_layer.states[..steps * hidden];
            Matrix::new(before, steps, hidden).transposed()
        }
        false => top,
    };
    let mut combine_weight = list((hidden + memory) * hidden);
    let (for_state, for_context) = combine_weight.split_at_mut(hidden * hidden);
    let packed_combined = Packed::new(Matrix::new(&combined, steps, hidden));
    matmul_packed(top, &packed_combined, for_state, false);
    let contexts = Matrix::new(&saved.attention.contexts, steps, memory).transposed();
    matmul_packed(contexts, &packed_combined, for_context, false);
    let mut layer_gradients = Vec::with_capacity(layers.len());
    let mut projected = Vec::new();
    for (index, buffers) in layers.into_iter().enumerate() {
        let below = match index.checked_sub(1) {
            None if inputs.before => &saved.attention.contexts[..],
            None => &saved.outputs[..steps * hidden],
            Some(_) if !saved.layers[index].dropped.is_empty() => &saved.layers[index].dropped,
            Some(lower) => saved.layers[lower].outputs(after),
        };
        let before = &saved.layers[index].states[..steps * hidden];
        let gradient = Matrix::new(&buffers.projected, steps, gates);
        let below_width = below.len() / steps.max(1);
        let layer = &inputs.layers[index];
        let mut input_weight = list(layer.input_weight.len());
        let below = Matrix::new(below, steps, below_width).transposed();
        let mut hidden_weight = list(hidden * gates);
        let before = Matrix::new(before, steps, hidden).transposed();
        if own_gates > 0 {
            matmul_together(vec![(below, &mut input_weight)], gradient, false);
            let recurrent = Matrix::new(&buffers.recurrent, steps, gates);
            matmul(before, recurrent, &mut hidden_weight, false);
        } else {
            let products = vec![(below, &mut input_weight[..]), (before, &mut hidden_weight)];
            matmul_together(products, gradient, false);
        }
        layer_gradients.push(LayerGradients {
            input_weight,
            bias: column_sums(&buffers.projected, if index == 0 { 0 } else { gates }),
            hidden_weight,
            cell: buffers
                .carried
                .finish(&layer.gates(cell), &buffers.recurrent, hidden),
            gain: column_sums(&buffers.gain, buffers.gain.len() / batch.max(1)),
            norm_bias: column_sums(&buffers.norm_bias, buffers.norm_bias.len() / batch.max(1)),
        });
        if index == 0 {
            projected = buffers.projected;
        }
    }
    Gradients {
        projected,
        layers: layer_gradients,
        attention: attention.finish(asking),
        combine_weight,
        combine_bias: column_sums(&combined, hidden),
    }
}
