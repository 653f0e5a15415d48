//! The input-feeding decoder over a whole target, on the CPU's own kernels.

use burn::tensor::{Device, Tensor};
use kernels::decoder::{Energy, Inputs, Layer, Norm, Reach, Saved, Shape, backward, forward};

use super::attention::{Form, Parts, by_head, of_results, parts};
use super::recurrent::kernel;
use super::{Activation, Forced, affine};
use crate::attention::{Memory, Query};
use crate::cell::Cell;
use crate::decoder::{RecurrentDecoder, RecurrentState, Source};
use crate::host::{Back, Operand, Operation, apply};
use crate::padded::Lengths;

/// The number of inputs of [`Decode`].
const INPUTS: usize = 19;

/// The place of what was projected among them.
const PROJECTED: usize = 0;

#[derive(Debug, Clone)]
struct Decode {
    cell: Cell,
    shape: Shape,
    layers: usize,
    lengths: Vec<usize>,
    form: Form,
    /// How far from its center a window reaches, if there is one, and whether the center is predicted.
    window: Option<(usize, bool)>,
    /// Which state asks.
    query: Query,
    dropout: bool,
    residual: bool,
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

    /// Inputs in the order of [`fused`].
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
            if self.cell.has_memory() {
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
        let found = forward(kernel(self.cell), self.shape, &self.inputs(inputs));
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
            kernel(self.cell),
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

/// A memory of one position that holds a zero, for `batch` sentences: its context is that zero.
fn blank(batch: usize, hidden: usize, device: &Device) -> Memory {
    Memory {
        values: Tensor::zeros([batch, 1, 1], device),
        keys: Tensor::zeros([batch, 1, hidden], device),
        lengths: Lengths::new(&vec![1; batch], 1, device),
    }
}

/// See [`super::decode`]. Hands its arguments back where the kernels have no such decoder.
#[allow(clippy::result_large_err)] // Two tensors handed back, once a batch.
pub(super) fn fused(
    decoder: &RecurrentDecoder,
    projected: Tensor<3>,
    state: RecurrentState,
    source: &Source,
    upper: &[Option<Tensor<3>>],
    weights: bool,
) -> Result<Forced, (Tensor<3>, RecurrentState)> {
    let Some(feed_weight) = &decoder.feed_weight else {
        return Err((projected, state));
    };
    let Parts {
        form,
        query,
        vector,
        coverage,
        local,
        heads,
    } = match &decoder.attention {
        Some(attention) => parts(attention),
        // A decoder that asks nothing asks [`blank`].
        None => Parts::multiplicative(1.0),
    };
    let mut combine = decoder.combine.weight.val();
    let mut feed_weight = feed_weight.val();
    let memory = match &source.memory {
        Some(memory) => memory.clone(),
        None => {
            let hidden = decoder.hidden_size();
            let row = Tensor::zeros([1, hidden], &combine.device());
            combine = Tensor::cat(vec![combine, row], 0);
            blank(projected.dims()[1], hidden, &projected.device())
        }
    };
    let size = memory.keys.dims()[2];
    let query_bias = match (form, query) {
        (Form::Additive, Some(query)) => Some(match &query.bias {
            Some(bias) => bias.val(),
            None => Tensor::zeros([size], &projected.device()),
        }),
        _ => None,
    };
    if let Some(member) = heads {
        // The kernels' contexts are the heads side by side: W_o goes into what reads them.
        let joined = |weight| {
            affine(
                member.output.weight.val(),
                weight,
                None,
                Activation::Identity,
            )
        };
        let [rows, columns] = combine.dims();
        let hidden = decoder.hidden_size();
        let for_context = combine.clone().slice([hidden..rows, 0..columns]);
        let for_state = combine.slice([0..hidden, 0..columns]);
        combine = Tensor::cat(vec![for_state, joined(for_context)], 0);
        if decoder.query == Query::Before {
            feed_weight = joined(feed_weight);
        }
    }
    let [time, batch, _] = projected.dims();
    let [_, length, width] = memory.values.dims();
    let hidden = decoder.hidden_size();
    let first = &decoder.layers[0];
    let operation = Decode {
        cell: first.cell,
        shape: Shape {
            time,
            batch,
            source: length,
            hidden,
            memory: width,
            keys: size,
            heads: heads.map_or(1, |member| member.heads),
        },
        layers: decoder.layers.len(),
        lengths: memory.lengths.host().to_vec(),
        form,
        window: local.map(|local| (local.window, local.position.is_some())),
        query: decoder.query,
        dropout: upper.iter().any(Option::is_some),
        residual: decoder.stack.residual,
    };
    let masks: Vec<Tensor<3>> = upper
        .iter()
        .flatten()
        .map(|mask| mask.clone().expand([time, batch, hidden]))
        .collect();
    let stack = |part: Vec<Tensor<2>>| Operand::new(Tensor::stack::<3>(part, 0));
    let cells: Option<Vec<Tensor<2>>> = state
        .layers
        .iter()
        .map(|state| state.cell.clone())
        .collect();
    let norms: Vec<Tensor<1>> = decoder
        .stack
        .norms
        .iter()
        .flat_map(|norm| [norm.gain.val(), norm.bias.val()])
        .collect();
    let norms = (!norms.is_empty()).then(|| Tensor::cat(norms, 0));
    let inputs = [
        Operand::new(projected),
        Operand::new(feed_weight),
        Operand::new(first.hidden_weight.val()),
        first
            .recurrence()
            .bias
            .map_or_else(Operand::absent, Operand::new),
        pack(&decoder.layers[1..]).map_or_else(Operand::absent, Operand::new),
        stack(state.layers.into_iter().map(|state| state.hidden).collect()),
        cells.map_or_else(Operand::absent, stack),
        if masks.is_empty() {
            Operand::absent()
        } else {
            Operand::new(Tensor::cat(masks, 0))
        },
        norms.map_or_else(Operand::absent, Operand::new),
        by_head(heads, &memory.values),
        by_head(heads, &memory.keys),
        query.map_or_else(Operand::absent, |query| Operand::new(query.weight.val())),
        query_bias.map_or_else(Operand::absent, Operand::new),
        vector.map_or_else(Operand::absent, Operand::new),
        coverage.map_or_else(Operand::absent, Operand::new),
        local
            .and_then(|local| local.position.as_ref())
            .map_or_else(Operand::absent, |position| {
                Operand::new(position.weight.val())
            }),
        local
            .and_then(|local| local.position_vector.as_ref())
            .map_or_else(Operand::absent, |vector| Operand::new(vector.val())),
        Operand::new(combine),
        // The combining layer is always made with a bias.
        decoder
            .combine
            .bias
            .as_ref()
            .map(|bias| bias.val())
            .map_or_else(Operand::absent, Operand::new),
    ];
    let shapes: [&[usize]; 2] = [&[time, batch, hidden], &[time, batch, length]];
    // A memory that is none has no weights.
    let found = if weights && source.memory.is_some() {
        let [outputs, weights] = apply(operation, inputs, shapes);
        (outputs, Some(weights.tensor()))
    } else {
        let [outputs] = apply(operation, inputs, [shapes[0]]);
        (outputs, None)
    };
    Ok(Forced {
        outputs: found.0.tensor(),
        weights: found.1,
    })
}

/// The parameters of the layers above the first, end to end.
fn pack(layers: &[crate::cell::RecurrentLayer]) -> Option<Tensor<1>> {
    let flat = |weight: Tensor<2>| weight.flatten::<1>(0, 1);
    let mut parts = Vec::new();
    for layer in layers {
        parts.push(flat(layer.input_weight.val()));
        parts.push(layer.bias.val());
        parts.push(flat(layer.hidden_weight.val()));
        parts.extend(layer.hidden_bias.as_ref().map(|bias| bias.val()));
    }
    (!parts.is_empty()).then(|| Tensor::cat(parts, 0))
}
