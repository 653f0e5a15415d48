//! Inputs of the decoder.

use crate::attention::cpu::steps::{self, Shape};
use crate::cell::cpu::{Gates, Parameters};
use crate::layer_norm::cpu::Norm;
use network::cell::Cell;

/// One layer of the decoder.
#[derive(Clone, Copy, Debug)]
pub struct Layer<'a> {
    /// `[H, G*H]`: in layer 0 it multiplies the previous output, above it the layer below; `[M, G*H]` in layer
    /// 0 where the context is fed.
    pub input_weight: &'a [f32],
    /// `[G*H]`; empty for layer 0, whose bias is in the projected input.
    pub bias: &'a [f32],
    /// `[H, G*H]`: multiplies the layer's previous state.
    pub hidden_weight: &'a [f32],
    /// Of the cell's gates.
    pub parameters: Parameters<&'a [f32]>,
    /// `[B, H]`
    pub initial_hidden: &'a [f32],
    /// `[B, H]`, LSTM only; empty for other cells.
    pub initial_cell: &'a [f32],
    /// `[T, B, H]`: multiplies an upper layer's input; empty for none and for layer 0.
    pub dropout: &'a [f32],
    /// Whether the layer's input, before dropout, is added to what it gives (He et al., 2016); not in layer 0.
    pub residual: bool,
    /// Layer normalisation of that sum.
    pub norm: Option<Norm<'a>>,
}

impl<'a> Layer<'a> {
    /// The gates of the layer, whose cell is `cell`.
    pub(super) fn gates(&self, cell: Cell) -> Gates<'a> {
        Gates {
            cell,
            parameters: self.parameters,
        }
    }

    /// Whether the layer gives its states as they are.
    pub(super) fn is_plain(&self) -> bool {
        !self.residual && self.norm.is_none()
    }
}

/// Inputs of the decoder.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    /// `[T, B, G*H]`: the target tokens times their weight, plus layer 0's bias. The backward pass does not
    /// read it.
    pub projected: &'a [f32],
    /// From the lowest to the highest; at least one.
    pub layers: Vec<Layer<'a>>,
    /// The memory, and how it is asked.
    pub attention: steps::Inputs<'a>,
    /// Whether the state before the step asks (Bahdanau et al., 2015); then the context is fed in the place of
    /// the previous output.
    pub before: bool,
    /// `[H + M, H]`: rows for the state, then for the context.
    pub combine_weight: &'a [f32],
    /// `[H]`
    pub combine_bias: &'a [f32],
}

impl Inputs<'_> {
    pub(super) fn check(&self, cell: Cell, shape: Shape) {
        self.attention.check(shape);
        let Shape {
            time,
            batch,
            hidden,
            memory,
            ..
        } = shape;
        let gates = cell.gates() * hidden;
        assert!(!self.layers.is_empty(), "a decoder has at least one layer");
        assert_eq!(
            self.combine_weight.len(),
            (hidden + memory) * hidden,
            "combine_weight is [H + M, H]"
        );
        assert_eq!(self.combine_bias.len(), hidden, "combine_bias is [H]");
        for (index, layer) in self.layers.iter().enumerate() {
            let bias = if index == 0 { 0 } else { gates };
            let below = if index == 0 && self.before {
                memory
            } else {
                hidden
            };
            assert_eq!(
                layer.input_weight.len(),
                below * gates,
                "input_weight is [H, G*H], or [M, G*H] where the context is fed"
            );
            assert_eq!(
                layer.bias.len(),
                bias,
                "bias is [G*H] above layer 0, where it is empty"
            );
            assert_eq!(
                layer.hidden_weight.len(),
                hidden * gates,
                "hidden_weight is [H, G*H]"
            );
            layer.gates(cell).check(hidden);
            assert_eq!(
                layer.initial_hidden.len(),
                batch * hidden,
                "initial_hidden is [B, H]"
            );
            let cell_state = if cell.has_cell_state() {
                batch * hidden
            } else {
                0
            };
            assert_eq!(
                layer.initial_cell.len(),
                cell_state,
                "initial_cell is [B, H] for the LSTM"
            );
            assert!(index > 0 || !layer.residual, "layer 0 has no residual");
            if let Some(Norm { gain, bias }) = layer.norm {
                assert_eq!([gain.len(), bias.len()], [hidden; 2], "a norm is [H]");
            }
            let mask = if index == 0 { 0 } else { time * batch * hidden };
            assert!(
                [0, mask].contains(&layer.dropout.len()),
                "dropout is [T, B, H] above layer 0"
            );
        }
    }
}
