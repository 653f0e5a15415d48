//! Inputs of the decoder.

use crate::layer_norm::cpu::Norm;
use network::Energy;
use network::cell::Cell;

/// Sizes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// `T`, target time steps.
    pub time: usize,
    /// `B`, rows of the batch.
    pub batch: usize,
    /// `S`, source time steps.
    pub source: usize,
    /// `H`, hidden units of every layer and of the output.
    pub hidden: usize,
    /// `M`, numbers of one memory vector.
    pub memory: usize,
    /// `A`, numbers of one key.
    pub keys: usize,
    /// `N`, into how many parts keys, queries and memory vectors are cut, each with weights of its own (Vaswani et
    /// al., 2017, section 3.2.2); 1 for all but multi-head attention.
    pub heads: usize,
}

/// Which positions of the source a step may look at.
pub type Reach<'a> = network::Reach<&'a [f32]>;

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
    /// `[H]`: the bias inside the GRU's reset product; empty for other cells.
    pub hidden_bias: &'a [f32],
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

impl Layer<'_> {
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
    /// `[B, N, S, M / N]`
    pub memory: &'a [f32],
    /// `[B, N, S, A / N]`
    pub keys: &'a [f32],
    /// `[B]`: real source positions of each row, 1 to `S`.
    pub lengths: &'a [usize],
    /// W_q, `[H, A]`: what makes queries of states; empty where states are queries, which needs `A == H`.
    pub query_weight: &'a [f32],
    /// `[A]`, added to the queries of an additive energy; else empty.
    pub query_bias: &'a [f32],
    /// How a query and a key make an energy, with v, `[A]`.
    pub energy: Energy<&'a [f32]>,
    /// `w`, `[A]`: what the sum of the weights that a position had before is multiplied by, in the tangent of an
    /// additive energy (See et al., 2017, equation 11); empty where it does not count.
    pub coverage: &'a [f32],
    /// Where steps may look.
    pub reach: Reach<'a>,
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
        let Shape {
            time,
            batch,
            source,
            hidden,
            memory,
            keys,
            heads,
        } = shape;
        let gates = cell.gates() * hidden;
        assert!(!self.layers.is_empty(), "a decoder has at least one layer");
        assert!(hidden > 0 && memory > 0 && keys > 0, "no vector is empty");
        assert_eq!(
            self.memory.len(),
            batch * source * memory,
            "memory is [B, N, S, M / N]"
        );
        assert_eq!(
            self.keys.len(),
            batch * source * keys,
            "keys is [B, N, S, A / N]"
        );
        assert!(
            heads > 0 && memory.is_multiple_of(heads) && keys.is_multiple_of(heads),
            "the heads divide A and M"
        );
        assert_eq!(self.lengths.len(), batch, "there is one length a row");
        assert!(
            self.lengths.iter().all(|n| (1..=source).contains(n)),
            "every row has 1 to S real source positions"
        );
        let additive = self.energy.is_additive();
        let of_additive = if additive { keys } else { 0 };
        match self.query_weight {
            [] => assert!(
                keys == hidden && !additive,
                "a state that is the query needs A == H and a multiplicative energy"
            ),
            weight => assert_eq!(weight.len(), hidden * keys, "query_weight is [H, A]"),
        }
        assert_eq!(self.query_bias.len(), of_additive, "the query bias is [A]");
        if let Some(vector) = self.energy.vector() {
            assert_eq!(vector.len(), keys, "vector is [A]");
        }
        assert!(
            [0, of_additive].contains(&self.coverage.len()),
            "coverage is [A], with an additive energy"
        );
        assert!(
            heads == 1 || (!additive && matches!(self.reach, Reach::Everywhere)),
            "several heads have multiplicative energies and look everywhere"
        );
        if let Reach::Predictive {
            window,
            weight,
            vector,
        } = self.reach
        {
            assert!(
                window > 0,
                "a window has at least one position on each side"
            );
            assert_eq!(
                weight.len(),
                hidden * hidden,
                "the position's weight is [H, H]"
            );
            assert_eq!(vector.len(), hidden, "the position's vector is [H]");
        }
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
            let hidden_bias = if cell == Cell::Gru { hidden } else { 0 };
            assert_eq!(
                layer.hidden_bias.len(),
                hidden_bias,
                "hidden_bias is [H] for the GRU"
            );
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
