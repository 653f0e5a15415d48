//! The decoder's inputs and what it keeps.

use burn_cubecl::tensor::CubeTensor;

use crate::gpu::memory::{Slots, columns, part};
use crate::gpu::node::Operation;
use crate::sequence::cube::attention::Energy;
use crate::sequence::cube::cell::Kind;

/// How energies are made; the vectors come as inputs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// With a bias in the query, or without.
    Additive { biased: bool },
    /// Times a number.
    Multiplicative { scale: f32 },
}

/// The number of inputs of [`Decode`].
pub(super) const INPUTS: usize = 15;

/// The decoder over a whole target. The output before the first step is zero.
#[derive(Debug, Clone)]
pub(super) struct Decode {
    pub kind: Kind,
    pub time: usize,
    pub rows: usize,
    pub source: usize,
    pub size: usize,
    pub memory: usize,
    pub keys: usize,
    pub layers: usize,
    pub form: Form,
    /// `[source, rows]`, where anything is padded.
    pub mask: Option<CubeTensor>,
    /// Whether there are dropout masks between layers.
    pub dropout: bool,
}

/// The inputs by name, in the order of [`super::decode`].
pub(super) struct Inputs<'a> {
    pub projected: &'a CubeTensor,
    pub feed_weight: &'a CubeTensor,
    pub query_bias: Option<&'a CubeTensor>,
    pub vector: &'a CubeTensor,
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
    /// `[hidden]`, GRU only.
    pub hidden_bias: Option<CubeTensor>,
    /// `[rows, hidden]`
    pub hidden: CubeTensor,
    /// `[rows, hidden]`, for cells with a memory.
    pub cell: Option<CubeTensor>,
}

/// What the backward pass needs. States lie in `time + 1` slots, the rest in `time`.
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
        self.kind.gates() * self.size
    }

    /// Whether energies are additive.
    pub fn is_additive(&self) -> bool {
        matches!(self.form, Form::Additive { .. })
    }

    /// Columns of the query among the top state's products.
    pub fn query_columns(&self) -> usize {
        if self.is_additive() { self.keys } else { 0 }
    }

    /// How energies are made.
    pub fn energy<'a>(&self, inputs: &Inputs<'a>) -> Energy<'a> {
        match self.form {
            Form::Additive { .. } => Energy::Additive(inputs.vector),
            Form::Multiplicative { scale } => Energy::Multiplicative(scale),
        }
    }

    /// Sizes of one upper layer's parameters: input weight, bias, hidden weight, hidden bias.
    fn upper_sizes(&self) -> [usize; 4] {
        let (size, gates) = (self.size, self.gates());
        let inner = if self.kind == Kind::Gru { size } else { 0 };
        [size * gates, gates, size * gates, inner]
    }

    fn layers(&self, inputs: &[CubeTensor; INPUTS]) -> Vec<Layer> {
        let &Decode { rows, size, .. } = self;
        let [_, _, hidden_weight, hidden_bias, upper, hidden, cell, ..] = inputs;
        let gates = self.gates();
        let gru = self.kind == Kind::Gru;
        let mut place = 0;
        (0..self.layers)
            .map(|layer| {
                let state = |all: &CubeTensor| part(all, layer * rows * size, [rows, size]);
                let mut next = |size: usize| {
                    place += size;
                    place - size
                };
                let (mut own_weight, mut own_bias) = (hidden_weight.clone(), hidden_bias.clone());
                let (mut input_weight, mut bias) = (None, None);
                if layer > 0 {
                    let [input, of_gates, recurrent, inner] = self.upper_sizes();
                    input_weight = Some(part(upper, next(input), [size, gates]));
                    bias = Some(part(upper, next(of_gates), [gates]));
                    own_weight = part(upper, next(recurrent), [size, gates]);
                    if gru {
                        own_bias = part(upper, next(inner), [size]);
                    }
                }
                Layer {
                    input_weight,
                    bias,
                    hidden_weight: own_weight,
                    hidden_bias: gru.then_some(own_bias),
                    hidden: state(hidden),
                    cell: self.kind.has_memory().then(|| state(cell)),
                }
            })
            .collect()
    }

    /// Gives the inputs their names.
    pub fn inputs<'a>(&self, inputs: &'a [CubeTensor; INPUTS]) -> Inputs<'a> {
        let layers = self.layers(inputs);
        let [
            projected,
            feed_weight,
            _,
            _,
            _,
            _,
            _,
            dropout,
            memory,
            keys,
            query_weight,
            query_bias,
            vector,
            combine_weight,
            combine_bias,
        ] = inputs;
        let size = self.size;
        let of_state = part(combine_weight, 0, [size, size]);
        let mut blocks = vec![&of_state, &layers[self.layers - 1].hidden_weight];
        if self.is_additive() {
            blocks.insert(0, query_weight);
        }
        let biased = matches!(self.form, Form::Additive { biased: true });
        Inputs {
            projected,
            feed_weight,
            query_bias: biased.then_some(query_bias),
            vector,
            dropout,
            memory,
            keys,
            combine_bias,
            state_weight: columns(&blocks),
            value_weight: part(combine_weight, size * size, [self.memory, size]),
            layers,
        }
    }
}

impl Operation<INPUTS> for Decode {
    type Saved = Saved;

    fn forward(&self, inputs: &[CubeTensor; INPUTS], gradients: bool) -> (CubeTensor, Saved) {
        super::forward::forward(self, &self.inputs(inputs), gradients)
    }

    fn backward(
        &self,
        inputs: &[CubeTensor; INPUTS],
        saved: &Saved,
        gradient: CubeTensor,
        wanted: [bool; INPUTS],
    ) -> [Option<CubeTensor>; INPUTS] {
        super::backward::backward(self, &self.inputs(inputs), saved, &gradient, wanted)
    }
}
