//! The decoder's operands and what it keeps.

use burn_cubecl::tensor::CubeTensor;
use network::Energy;
use network::cell::Cell;

use crate::cell::cpu::Parameters;
use crate::decoder::upper::{Upper, sizes};
use crate::gpu::layout::{Slots, columns, part};
use crate::gpu::node::Operation;
use crate::operands::{Listed, operands};

operands! {
    /// Operands of a decoder. What one does not have is stood in for by another.
    pub(super) struct Operands {
        projected,
        feed_weight,
        hidden_weight,
        /// See [`crate::decoder::upper`].
        upper,
        /// `[layers, rows, hidden]`
        initial_hidden,
        /// As `initial_hidden`.
        initial_cell,
        dropout,
        memory,
        keys,
        query_weight,
        query_bias,
        vector,
        combine_weight,
        combine_bias,
    }
    with {
        parameters: Parameters,
    }
}

pub(super) const OPERANDS: usize = Operands::<()>::COUNT;

/// The decoder over a whole target. The output before the first step is zero.
#[derive(Debug, Clone)]
pub(super) struct Decode {
    pub cell: Cell,
    pub time: usize,
    pub rows: usize,
    pub source: usize,
    pub size: usize,
    pub memory: usize,
    pub keys: usize,
    pub layers: usize,
    pub energy: Energy<()>,
    /// Whether queries have a bias.
    pub biased: bool,
    /// `[source, rows]`, where anything is padded.
    pub mask: Option<CubeTensor>,
    /// Whether there are dropout masks between layers.
    pub dropout: bool,
}

/// Inputs of the programs.
pub(super) struct Inputs<'a> {
    pub projected: &'a CubeTensor,
    pub feed_weight: &'a CubeTensor,
    pub query_bias: Option<&'a CubeTensor>,
    pub energy: Energy<&'a CubeTensor>,
    pub dropout: &'a CubeTensor,
    pub memory: &'a CubeTensor,
    pub keys: &'a CubeTensor,
    pub combine_bias: &'a CubeTensor,
    /// Bottom first.
    pub layers: Vec<Layer>,
    /// `[hidden, keys + hidden + gates * hidden]`: what multiplies the top layer's state, the
    /// first block for additive energies only.
    pub state_weight: CubeTensor,
    /// The memory's half of the combination, `[memory, hidden]`.
    pub value_weight: CubeTensor,
}

/// A layer's weights and first state.
pub(super) struct Layer {
    /// Above the first: `[hidden, gates * hidden]`.
    pub input_weight: Option<CubeTensor>,
    /// Above the first: `[gates * hidden]`.
    pub bias: Option<CubeTensor>,
    /// `[hidden, gates * hidden]`
    pub hidden_weight: CubeTensor,
    /// `[hidden]`, for cells that have it.
    pub hidden_bias: Option<CubeTensor>,
    /// `[rows, hidden]`
    pub hidden: CubeTensor,
    /// `[rows, hidden]`, for cells with a memory.
    pub cell: Option<CubeTensor>,
}

/// Values kept for the backward pass. States lie in `time + 1` slots, the rest in `time`.
pub(super) struct Saved {
    /// Of each layer, bottom first.
    pub layers: Vec<SavedLayer>,
    /// Queries with their bias; additive energies only.
    pub queries: Option<Slots>,
    pub weights: Slots,
    pub outputs: Slots,
    /// The memory times its half of the combination.
    pub values: CubeTensor,
}

/// Of one layer.
pub(super) struct SavedLayer {
    pub hidden: Slots,
    pub cells: Option<Slots>,
    pub kept: Option<Slots>,
    /// The state as the layer above reads it.
    pub dropped: Option<Slots>,
}

impl Decode {
    /// Columns of a layer's weights.
    pub fn gates(&self) -> usize {
        self.cell.gates() * self.size
    }

    /// Columns of the query among the top state's products.
    pub fn query_columns(&self) -> usize {
        if self.energy.is_additive() {
            self.keys
        } else {
            0
        }
    }

    fn layers(&self, given: &Operands<&CubeTensor>) -> Vec<Layer> {
        let &Decode { rows, size, .. } = self;
        let gates = self.gates();
        let mut place = 0;
        let layer = |depth: usize| {
            let state = |all: &CubeTensor| part(all, depth * rows * size, [rows, size]);
            let (hidden_weight, hidden_bias, input) = match depth {
                0 => {
                    let (weight, bias) = (given.hidden_weight, given.parameters.hidden_bias);
                    (weight.clone(), bias.clone(), None)
                }
                _ => {
                    let own = if self.cell.has_hidden_bias() { size } else { 0 };
                    let own = Parameters::of_hidden_bias(own);
                    let starts: Upper<usize> = sizes(self.cell, size, own).map(|count| {
                        place += count;
                        place - count
                    });
                    let input = part(given.upper, starts.input_weight, [size, gates]);
                    let bias = part(given.upper, starts.bias, [gates]);
                    let weight = part(given.upper, starts.hidden_weight, [size, gates]);
                    let own = match self.cell.has_hidden_bias() {
                        true => part(given.upper, starts.parameters.hidden_bias, [size]),
                        false => given.parameters.hidden_bias.clone(),
                    };
                    (weight, own, Some((input, bias)))
                }
            };
            let (input_weight, bias) = input.unzip();
            Layer {
                input_weight,
                bias,
                hidden_weight,
                hidden_bias: self.cell.has_hidden_bias().then_some(hidden_bias),
                hidden: state(given.initial_hidden),
                cell: self
                    .cell
                    .has_cell_state()
                    .then(|| state(given.initial_cell)),
            }
        };
        (0..self.layers).map(layer).collect()
    }

    /// Inputs of the programs, made of the operands.
    pub fn inputs<'a>(&self, operands: &'a [CubeTensor; OPERANDS]) -> Inputs<'a> {
        let given = Operands::from_array(operands.each_ref());
        let layers = self.layers(&given);
        let size = self.size;
        let of_state = part(given.combine_weight, 0, [size, size]);
        let mut blocks = vec![&of_state, &layers[self.layers - 1].hidden_weight];
        if self.energy.is_additive() {
            blocks.insert(0, given.query_weight);
        }
        Inputs {
            projected: given.projected,
            feed_weight: given.feed_weight,
            query_bias: self.biased.then_some(given.query_bias),
            energy: self.energy.map(|()| given.vector),
            dropout: given.dropout,
            memory: given.memory,
            keys: given.keys,
            combine_bias: given.combine_bias,
            state_weight: columns(&blocks),
            value_weight: part(given.combine_weight, size * size, [self.memory, size]),
            layers,
        }
    }
}

impl Operation<OPERANDS> for Decode {
    type Saved = Saved;

    fn forward(&self, inputs: &[CubeTensor; OPERANDS], gradients: bool) -> (CubeTensor, Saved) {
        super::forward::forward(self, &self.inputs(inputs), gradients)
    }

    fn backward(
        &self,
        inputs: &[CubeTensor; OPERANDS],
        saved: &Saved,
        gradient: CubeTensor,
        wanted: [bool; OPERANDS],
    ) -> [Option<CubeTensor>; OPERANDS] {
        let wanted = Operands::from_array(wanted);
        super::backward::backward(self, &self.inputs(inputs), saved, &gradient, &wanted)
            .into_array()
    }
}
