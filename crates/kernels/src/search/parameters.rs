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

/// How the memory is read.
#[derive(Clone, Debug)]
pub struct AttentionWeights {
    /// How a query and a key make an energy.
    pub energy: Energy,
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
    /// What multiplies the top layer's last state of the encoder, for a share in every step's gates:
    /// `[M, G*H]`.
    pub context: Option<Vec<f32>>,
    /// How the memory is read, if it is.
    pub attention: Option<AttentionWeights>,
    /// `[H + M, H]`: rows for the state, then for the context; `[H, H]` without attention.
    pub combine: Vec<f32>,
    /// `[H]`
    pub combine_bias: Vec<f32>,
    /// The first state.
    pub bridge: BridgeWeights,
    /// From the output to the words.
    pub output: OutputWeights,
}
