//! A model's parameters, as [`super::Encoder`] and [`super::Decoder`] pack them. Weights multiply from the
//! right, `[input, output]`; gates lie side by side in PyTorch's order.

use crate::cell::Cell;

/// A recurrent layer in one direction.
#[derive(Clone, Debug)]
pub struct LayerWeights {
    /// `[input, G*H]`
    pub input: Vec<f32>,
    /// `[H, G*H]`
    pub hidden: Vec<f32>,
    /// `[G*H]`
    pub bias: Vec<f32>,
    /// `[H]`: the bias inside the GRU's reset product; empty for other cells.
    pub hidden_bias: Vec<f32>,
}

/// Layer normalisation (Ba et al., 2016, equation 4).
#[derive(Clone, Debug)]
pub struct NormWeights {
    /// One number a unit.
    pub gain: Vec<f32>,
    /// One number a unit.
    pub bias: Vec<f32>,
}

/// What is done to the states of stacked layers before anything but a layer's own next step reads them.
#[derive(Clone, Debug, Default)]
pub struct StackWeights {
    /// Whether a layer's input is added to its states, from the second layer on (He et al., 2016).
    pub residual: bool,
    /// What normalises the sum, of each layer, the lowest first; empty for nothing.
    pub norms: Vec<NormWeights>,
}

/// The first states of a layer's walks.
#[derive(Clone, Debug)]
pub struct StartWeights {
    /// `[directions, H]`
    pub hidden: Vec<f32>,
    /// `[directions, H]`; empty for cells without a cell state.
    pub cell: Vec<f32>,
}

/// An encoder's parameters.
#[derive(Clone, Debug)]
pub struct EncoderWeights {
    /// The cell of every layer.
    pub cell: Cell,
    /// `[V, E]`
    pub embedding: Vec<f32>,
    /// Numbers of a word vector.
    pub size: usize,
    /// Hidden units of one direction.
    pub hidden: usize,
    /// From the lowest to the highest; of each the forward direction and then, perhaps, the backward one.
    pub layers: Vec<Vec<LayerWeights>>,
    /// What the layers' walks start from; empty for zeros.
    pub starts: Vec<StartWeights>,
    /// What is done to the layers' states.
    pub stack: StackWeights,
}

/// How the decoder's first state comes from the encoder's last.
#[derive(Clone, Debug)]
pub enum BridgeWeights {
    /// tanh(h W + b) of the top layer, the same for every layer; cell states are zero.
    Tanh {
        /// `[M, H]`
        weight: Vec<f32>,
        /// `[H]`
        bias: Vec<f32>,
    },
    /// The encoder's states, layer by layer where the depths agree, else the top layer's.
    Copy {
        /// `[M, H]` where the sizes differ.
        weight: Option<Vec<f32>>,
    },
    /// Zeros.
    Zero,
    /// The same states for every sentence.
    Learned {
        /// `[layers, H]`
        hidden: Vec<f32>,
        /// `[layers, H]`; empty for cells without a cell state.
        cell: Vec<f32>,
    },
}

/// How a query and a key make an energy.
#[derive(Clone, Debug)]
pub enum Energy {
    /// `v . tanh(m W_k + q W_q + b)`.
    Additive {
        /// `[M, A]`
        key: Vec<f32>,
        /// `[H, A]`
        query: Vec<f32>,
        /// `[A]`
        bias: Vec<f32>,
        /// `[A]`
        vector: Vec<f32>,
    },
    /// `scale * q . (m W_k)`.
    Multiplicative {
        /// `[M, H]`; none where the memory serves, with `M == H`.
        key: Option<Vec<f32>>,
        /// What the product is multiplied by.
        scale: f32,
    },
}

/// Which positions of its sentence a row may look at.
pub type Reach = crate::window::Reach<Vec<f32>>;

/// A layer over time: the softmax over time of `x' W + b` for each of a memory's features (`x'` is `[M, T]`).
#[derive(Clone, Debug)]
pub struct PoolWeights {
    /// `W`, `[T, T]`: from each position, to each position.
    pub weight: Vec<f32>,
    /// `b`, `[T]`
    pub bias: Vec<f32>,
    /// Whether the softmax is of the energies' hyperbolic tangents.
    pub tanh: bool,
    /// Whether all features have their mean weight.
    pub single: bool,
}

/// Several attentions side by side (Vaswani et al., 2017, section 3.2.2), each with its part of queries, keys and
/// values.
#[derive(Clone, Debug)]
pub struct HeadsWeights {
    /// How many; `H` is a multiple.
    pub count: usize,
    /// The heads' `W_q` side by side, `[H, H]`.
    pub query: Vec<f32>,
    /// The heads' `W_v` side by side, `[M, H]`.
    pub value: Vec<f32>,
    /// `W_o`, `[H, H]`: what their contexts side by side are multiplied by.
    pub output: Vec<f32>,
}

/// How the memory is read.
#[derive(Clone, Debug)]
pub struct AttentionWeights {
    /// How a query and a key make an energy.
    pub energy: Energy,
    /// Where rows may look.
    pub reach: Reach,
    /// `w`, `[A]`: what the sum of the weights that a position had before is multiplied by, in the tangent of an
    /// additive energy (See et al., 2017, equation 11).
    pub coverage: Option<Vec<f32>>,
    /// Several attentions side by side, with a multiplicative energy that all positions have part in.
    pub heads: Option<HeadsWeights>,
    /// Whether the state before the step asks, and the context goes into the cell as well.
    pub before: bool,
}

/// From the decoder's output to the words.
#[derive(Clone, Debug)]
pub struct OutputWeights {
    /// `[H, O]`, if a layer lies between.
    pub project: Option<Vec<f32>>,
    /// `[V, O]`: a vector a word; `O` is `H` without a layer between.
    pub weight: Vec<f32>,
    /// `[V]`
    pub bias: Vec<f32>,
}

/// A decoder's parameters.
#[derive(Clone, Debug)]
pub struct DecoderWeights {
    /// The cell of every layer.
    pub cell: Cell,
    /// `H`
    pub hidden: usize,
    /// `M`
    pub memory: usize,
    /// `[V, E]`
    pub embedding: Vec<f32>,
    /// `E`
    pub size: usize,
    /// From the lowest to the highest.
    pub layers: Vec<LayerWeights>,
    /// What multiplies the output of the step before, `[H, G*H]`, or with a query before the step the
    /// context, `[M, G*H]`.
    pub feed: Option<Vec<f32>>,
    /// What multiplies a fixed context, for a share in every step's gates: `[M, G*H]`.
    pub context: Option<Vec<f32>>,
    /// What makes the fixed context of the memory; without it that is the top layer's last state.
    pub pool: Option<PoolWeights>,
    /// What is done to the layers' states.
    pub stack: StackWeights,
    /// How the memory is read, if it is.
    pub attention: Option<AttentionWeights>,
    /// `[H + M, H]`: rows for the state, then for the context, `[2H, H]` with several heads; `[H, H]` without
    /// attention.
    pub combine: Vec<f32>,
    /// `[H]`
    pub combine_bias: Vec<f32>,
    /// The first state.
    pub bridge: BridgeWeights,
    /// From the output to the words.
    pub output: OutputWeights,
}

/// What a layer of convolutions asks with, and what it makes of the answer.
#[derive(Clone, Debug)]
pub struct ConvAskingWeights {
    /// `W_d`, `[H, H]`.
    pub query: Vec<f32>,
    /// `b_d`, `[H]`.
    pub query_bias: Vec<f32>,
    /// `W_c`, `[M, H]`, with several heads `[H, H]`.
    pub context: Vec<f32>,
    /// `b_c`, `[H]`.
    pub context_bias: Vec<f32>,
}

/// A layer of gated convolutions.
#[derive(Clone, Debug)]
pub struct ConvLayerWeights {
    /// `[width * H, 2H]`: the oldest input first; the columns of the values, then those of the gates.
    pub weight: Vec<f32>,
    /// `[2H]`
    pub bias: Vec<f32>,
    /// How the layer asks, if it does.
    pub asking: Option<ConvAskingWeights>,
}

/// The parameters of a decoder of convolutions (Gehring et al., 2017).
#[derive(Clone, Debug)]
pub struct ConvDecoderWeights {
    /// `M`
    pub memory: usize,
    /// `[V, E]`
    pub embedding: Vec<f32>,
    /// `E`
    pub size: usize,
    /// `[P, E]`: of each position; those after the last have the last's.
    pub positions: Vec<f32>,
    /// `W_e`, `[E, H]`.
    pub enter: Vec<f32>,
    /// `b_e`, `[H]`.
    pub enter_bias: Vec<f32>,
    /// From the lowest to the highest.
    pub layers: Vec<ConvLayerWeights>,
    /// What multiplies a fixed context, which is added to what the first layer reads: `[M, H]`.
    pub context: Option<Vec<f32>>,
    /// What makes the fixed context of the memory; without it that is the top layer's last state.
    pub pool: Option<PoolWeights>,
    /// How the memory is read, if it is: with a multiplicative energy everywhere.
    pub attention: Option<AttentionWeights>,
    /// What stands before the first word.
    pub bridge: BridgeWeights,
    /// From the output to the words.
    pub output: OutputWeights,
}
