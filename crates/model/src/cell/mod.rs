//! Recurrent layers of any cell.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
pub use network::cell::{Cell, CellKind, Nonlinearity};
pub use operations::cell::{Recurrence, State};

use crate::initial::Initialiser;
use crate::layer_norm::LayerNorm;
use network::config::RecurrentConfig;
use operations::recurrent::Layer;

fn initial_bias(cell: Cell, hidden: usize) -> Vec<f32> {
    let mut bias = vec![0.0; cell.gates() * hidden];
    if cell == Cell::Lstm {
        // Jozefowicz et al. (2015): an open forget gate lets gradients through at the start.
        bias[hidden..2 * hidden].fill(1.0);
    }
    bias
}

/// A recurrent layer's parameters. Gates lie side by side in PyTorch's order.
#[derive(Module, Debug)]
pub struct RecurrentLayer {
    /// `[input, gates * hidden]`.
    pub input_weight: Param<Tensor<2>>,
    /// `[hidden, gates * hidden]`.
    pub hidden_weight: Param<Tensor<2>>,
    /// `[gates * hidden]`.
    pub bias: Param<Tensor<1>>,
    /// `[hidden]`: the GRU's bias inside the product with the reset gate.
    pub hidden_bias: Option<Param<Tensor<1>>>,
    /// `[gates * hidden]`: of the gates' sums, gate by gate.
    pub gate_norm: Option<LayerNorm>,
    /// The formula.
    #[module(skip)]
    pub cell: Cell,
}

impl RecurrentLayer {
    /// A layer that `config` describes, from `input` to `hidden` units.
    ///
    /// # Panics
    /// When `config` is of a kind without a cell.
    pub fn new(
        initial: &Initialiser,
        config: &impl RecurrentConfig,
        input: usize,
        hidden: usize,
    ) -> Self {
        let cell = config.cell().expect("a recurrent layer has a cell");
        let (gates, columns) = (cell.gates(), cell.gates() * hidden);
        let gate_norm = config.normalises_gates().then(|| LayerNorm {
            gain: initial.vector(vec![1.0; columns]),
            bias: initial.vector(initial_bias(cell, hidden)),
        });
        Self {
            input_weight: initial.weight("input_weight", input, columns, gates),
            hidden_weight: initial.weight("hidden_weight", hidden, columns, gates),
            bias: initial.vector(match gate_norm {
                // What is the same for all units of a gate does not outlive its normalisation.
                Some(_) => vec![0.0; columns],
                None => initial_bias(cell, hidden),
            }),
            hidden_bias: cell
                .has_hidden_bias()
                .then(|| initial.vector(vec![0.0; hidden])),
            gate_norm,
            cell,
        }
    }

    /// The number of hidden units.
    pub fn hidden_size(&self) -> usize {
        self.hidden_weight.dims()[0]
    }

    /// Returns the parameters of a layer that runs over a sequence.
    pub fn parameters(&self) -> Layer {
        Layer {
            cell: self.cell,
            input_weight: self.input_weight.val(),
            bias: self.bias.val(),
            recurrence: Recurrence {
                weight: self.hidden_weight.val(),
                hidden_bias: self.hidden_bias.as_ref().map(|bias| bias.val()),
                gate_norm: self.gate_norm.as_ref().map(LayerNorm::parameters),
            },
        }
    }

    /// A state of zeros for `rows` rows.
    pub fn zero_state(&self, rows: usize) -> State {
        let zeros = || Tensor::zeros([rows, self.hidden_size()], &self.bias.device());
        State {
            hidden: zeros(),
            cell: self.cell.has_cell_state().then(zeros),
        }
    }
}
