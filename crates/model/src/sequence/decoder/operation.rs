//! The decoder's operation.

use kernels::decoder::{Energy, Inputs, Layer, Norm, Reach, Saved, Shape, backward, forward};

use super::super::attention::{Form, of_results};
use crate::attention::Query;
use crate::cell::Cell;
use crate::host::{Back, Operation};

/// The number of inputs of [`Decode`].
const INPUTS: usize = 19;

/// The place of what was projected among them.
const PROJECTED: usize = 0;

/// A decoder over a whole target.
#[derive(Debug, Clone)]
pub(super) struct Decode {
    pub cell: Cell,
    pub shape: Shape,
    pub layers: usize,
    pub lengths: Vec<usize>,
    pub form: Form,
    /// How far from its center a window reaches, if there is one, and whether the center is predicted.
    pub window: Option<(usize, bool)>,
    /// Which state asks.
    pub query: Query,
    pub dropout: bool,
    pub residual: bool,
}

impl Decode {
    fn gates(&self) -> usize {
        self.cell.gates() * self.shape.hidden
    }

    /// Sizes of one upper layer's parameters: input weight, bias, hidden weight, hidden bias.
    fn upper_sizes(&self) -> [usize; 4] {
        let (hidden, gates) = (self.shape.hidden, self.gates());
        let inner = if self.cell == Cell::Gru { hidden } else { 0 };
        [hidden * gates, gates, hidden * gates, inner]
    }

    /// Inputs in the order of [`super::fused`].
    fn inputs<'a>(&'a self, inputs: [&'a [f32]; INPUTS]) -> Inputs<'a> {
        let [
            projected,
            feed_weight,
            hidden_weight,
            hidden_bias,
            upper,
            initial_hidden,
            initial_cell,
            dropout,
            norms,
            memory,
            keys,
            query_weight,
            query_bias,
            vector,
            coverage,
            position_weight,
            position_vector,
            combine_weight,
            combine_bias,
        ] = inputs;
        let states = self.shape.batch * self.shape.hidden;
        let of_layer =
            |values: &'a [f32], layer: usize| &values[layer * states..(layer + 1) * states];
        let cell_of = |layer| {
            if self.cell.has_cell_state() {
                of_layer(initial_cell, layer)
            } else {
                &[]
            }
        };
        let norm_of = |layer: usize| {
            let hidden = self.shape.hidden;
            let own = norms.get(2 * layer * hidden..2 * (layer + 1) * hidden)?;
            let (gain, bias) = own.split_at(hidden);
            Some(Norm { gain, bias })
        };
        let mut layers = vec![Layer {
            input_weight: feed_weight,
            bias: &[],
            hidden_weight,
            hidden_bias,
            initial_hidden: of_layer(initial_hidden, 0),
            initial_cell: cell_of(0),
            dropout: &[],
            residual: false,
            norm: norm_of(0),
        }];
        let mut rest = upper;
        for layer in 1..self.layers {
            let [input_weight, bias, hidden_weight, hidden_bias] = self.upper_sizes().map(|size| {
                let (part, after) = rest.split_at(size);
                rest = after;
                part
            });
            let steps = self.shape.time * states;
            layers.push(Layer {
                input_weight,
                bias,
                hidden_weight,
                hidden_bias,
                initial_hidden: of_layer(initial_hidden, layer),
                initial_cell: cell_of(layer),
                dropout: if self.dropout {
                    &dropout[(layer - 1) * steps..layer * steps]
                } else {
                    &[]
                },
                residual: self.residual,
                norm: norm_of(layer),
            });
        }
        Inputs {
            projected,
            layers,
            memory,
            keys,
            lengths: &self.lengths,
            energy: match self.form {
                Form::Additive => Energy::Additive {
                    query_weight,
                    bias: query_bias,
                    vector,
                },
                Form::Multiplicative { scale } => Energy::Multiplicative {
                    query_weight,
                    scale,
                },
            },
            coverage,
            reach: match self.window {
                None => Reach::Everywhere,
                Some((window, false)) => Reach::Monotonic { window },
                Some((window, true)) => Reach::Predictive {
                    window,
                    weight: position_weight,
                    vector: position_vector,
                },
            },
            before: self.query == Query::Before,
            combine_weight,
            combine_bias,
        }
    }
}

/// The results are the outputs and, if there is a second one, the weights.
impl<const M: usize> Operation<INPUTS, M> for Decode {
    type Saved = Saved;

    fn reads_input(&self, input: usize) -> bool {
        // The gates that came of it are saved.
        input != PROJECTED
    }

    fn forward(&self, inputs: [&[f32]; INPUTS], _gradients: bool) -> ([Vec<f32>; M], Saved) {
        let found = forward(self.cell, self.shape, &self.inputs(inputs));
        let mut outputs = found.outputs;
        let results = std::array::from_fn(|result| match result {
            0 => std::mem::take(&mut outputs),
            _ => found.saved.weights(),
        });
        (results, found.saved)
    }

    fn backward(self, back: Back<'_, Saved, INPUTS, M>) -> [Vec<f32>; INPUTS] {
        let [outputs, weights] = of_results(&back.gradients);
        let found = backward(
            self.cell,
            self.shape,
            &self.inputs(back.inputs),
            &back.saved,
            outputs,
            weights,
        );
        let (mut upper, mut norms) = (vec![], vec![]);
        let (mut initial_hidden, mut initial_cell) = (vec![], vec![]);
        let mut first = [vec![], vec![], vec![]];
        for (depth, layer) in found.layers.into_iter().enumerate() {
            initial_hidden.extend(layer.initial_hidden);
            initial_cell.extend(layer.initial_cell);
            norms.extend(layer.gain);
            norms.extend(layer.norm_bias);
            if depth == 0 {
                first = [layer.input_weight, layer.hidden_weight, layer.hidden_bias];
                continue;
            }
            upper.extend(layer.input_weight);
            upper.extend(layer.bias);
            upper.extend(layer.hidden_weight);
            upper.extend(layer.hidden_bias);
        }
        let [feed_weight, hidden_weight, hidden_bias] = first;
        // Masks have no gradient.
        [
            found.projected,
            feed_weight,
            hidden_weight,
            hidden_bias,
            upper,
            initial_hidden,
            initial_cell,
            vec![],
            norms,
            found.memory,
            found.keys,
            found.query_weight,
            found.bias,
            found.vector,
            found.coverage,
            found.position_weight,
            found.position_vector,
            found.combine_weight,
            found.combine_bias,
        ]
    }
}
