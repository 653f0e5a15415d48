//! A recurrent layer in one direction.

use super::part::parts;
use super::stack::LayerNorm;
use crate::cell::Cell;
use crate::config::RecurrentConfig;
use crate::shape::{Shape, Shaped};

parts! {
    /// A recurrent layer in one direction. Gates lie side by side in PyTorch's order.
    pub struct RecurrentLayer {
        /// `[input, gates * hidden]`
        value input_weight: T,
        /// `[hidden, gates * hidden]`
        value hidden_weight: T,
        /// `[gates * hidden]`
        value bias: T,
        /// `[hidden]`: the GRU's bias inside the product with the reset gate.
        maybe hidden_bias: Option<T>,
        /// `[gates * hidden]`: of the gates' sums, gate by gate.
        part gate_norm: Option<LayerNorm<T>>,
        /// The cell.
        known cell: Cell,
    }
}

impl RecurrentLayer<Shape> {
    /// A layer that `config` describes, from `input` to `hidden` units.
    ///
    /// # Panics
    /// When `config` is of a kind without a cell.
    pub(super) fn new(config: &impl RecurrentConfig, input: usize, hidden: usize) -> Self {
        let cell = config.cell().expect("a recurrent layer has a cell");
        let columns = cell.gates() * hidden;
        Self {
            input_weight: [input, columns].into(),
            hidden_weight: [hidden, columns].into(),
            bias: [columns].into(),
            hidden_bias: cell.has_hidden_bias().then(|| [hidden].into()),
            gate_norm: config.normalises_gates().then(|| LayerNorm {
                gain: [columns].into(),
                bias: [columns].into(),
            }),
            cell,
        }
    }
}

impl<T: Shaped> RecurrentLayer<T> {
    /// The number of hidden units.
    pub fn hidden_size(&self) -> usize {
        self.hidden_weight.axes()[0]
    }
}
