//! The decoder's weights, packed once a call for the products of every step.

use super::inputs::Inputs;
use crate::attention::cpu::steps::Shape;
use kernels::matmul::{Matrix, Packed};
use network::cell::Cell;

/// Packed weights, as they are for the forward pass or transposed for the backward pass.
pub(super) struct Weights {
    /// Of each layer: input weight, hidden weight.
    pub layers: Vec<[Packed; 2]>,
    /// The combination's rows for the state.
    pub combine_state: Packed,
    /// The combination's rows for the context.
    pub combine_context: Packed,
}

impl Weights {
    pub fn new(cell: Cell, shape: Shape, inputs: &Inputs, transposed: bool) -> Self {
        let Shape { hidden, memory, .. } = shape;
        let pack = |data, rows, columns| {
            let matrix = Matrix::new(data, rows, columns);
            Packed::new(if transposed {
                matrix.transposed()
            } else {
                matrix
            })
        };
        let gates = cell.gates() * hidden;
        let (state, context) = inputs.combine_weight.split_at(hidden * hidden);
        Self {
            layers: inputs
                .layers
                .iter()
                .map(|l| {
                    [
                        pack(l.input_weight, l.input_weight.len() / gates, gates),
                        pack(l.hidden_weight, hidden, gates),
                    ]
                })
                .collect(),
            combine_state: pack(state, hidden, hidden),
            combine_context: pack(context, memory, hidden),
        }
    }
}
