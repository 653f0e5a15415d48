//! The decoder's weights, packed once a call for the products of every step.

use super::inputs::{Inputs, Reach, Shape};
use kernels::matmul::{Matrix, Packed};
use network::cell::Cell;

/// Packed weights, as they are for the forward pass or transposed for the backward pass.
pub(super) struct Weights {
    /// Of each layer: input weight, hidden weight.
    pub layers: Vec<[Packed; 2]>,
    /// Weight that makes queries of states, unless these are queries.
    pub query: Option<Packed>,
    /// Weight that makes positions of states, where they are predicted.
    pub position: Option<Packed>,
    /// The combination's rows for the state.
    pub combine_state: Packed,
    /// The combination's rows for the context.
    pub combine_context: Packed,
}

impl Weights {
    pub fn new(cell: Cell, shape: Shape, inputs: &Inputs, transposed: bool) -> Self {
        let Shape {
            hidden,
            memory,
            keys,
            ..
        } = shape;
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
            query: match inputs.query_weight {
                [] => None,
                weight => Some(pack(weight, hidden, keys)),
            },
            position: match inputs.reach {
                Reach::Predictive { weight, .. } => Some(pack(weight, hidden, hidden)),
                Reach::Everywhere | Reach::Monotonic { .. } => None,
            },
            combine_state: pack(state, hidden, hidden),
            combine_context: pack(context, memory, hidden),
        }
    }
}
