//! The CPU's walk as a node of the autodiff graph.

use burn::tensor::Tensor;
use network::cell::Cell;
use network::kind::Query;

use super::cpu::{Inputs, Layer, Saved, Shape, backward, forward};
use super::parameters::{Decoder, Forced, State};
use super::reading::Reading;
use super::upper::{Upper, joined, sizes};
use crate::attention::{Asked, Asking, Attention, Memory};
use crate::cell::cpu::Parameters;
use crate::host::{Back, Operand, Operation, apply, of_results};
use crate::layer_norm::cpu::Norm;
use crate::operands::{Listed, operands};

operands! {
    /// Operands of a decoder.
    pub(super) struct Operands {
        projected,
        feed_weight,
        hidden_weight,
        /// See [`super::upper`].
        upper,
        /// `[layers, batch, hidden]`
        initial_hidden,
        /// As `initial_hidden`.
        initial_cell,
        /// `[(layers - 1) * time, batch, hidden]`
        dropout,
        /// Gain and bias of each layer, bottom first.
        norms,
        combine_weight,
        combine_bias,
    }
    with {
        parameters: Parameters,
        asked: Asked,
    }
}

const OPERANDS: usize = Operands::<()>::COUNT;

/// A decoder over a whole target.
#[derive(Debug, Clone)]
struct Decode {
    cell: Cell,
    shape: Shape,
    layers: usize,
    asking: Asking,
    query: Query,
    dropout: bool,
    residual: bool,
}

impl Decode {
    fn inputs<'a>(&'a self, operands: [&'a [f32]; OPERANDS]) -> Inputs<'a> {
        let given = Operands::from_array(operands);
        Inputs {
            projected: given.projected,
            layers: self.layers(&given),
            attention: self.asking.inputs(given.asked),
            before: self.query == Query::Before,
            combine_weight: given.combine_weight,
            combine_bias: given.combine_bias,
        }
    }

    fn layers<'a>(&self, given: &Operands<&'a [f32]>) -> Vec<Layer<'a>> {
        let Shape {
            time,
            batch,
            hidden,
            ..
        } = self.shape;
        let states = batch * hidden;
        let mut rest = given.upper;
        let layer = |depth: usize| {
            let part = |values: &'a [f32], size: usize| {
                let own = values.get(depth * size..(depth + 1) * size);
                own.unwrap_or_default()
            };
            let norm = part(given.norms, 2 * hidden);
            let (gain, bias) = norm.split_at(norm.len() / 2);
            let parameters = match depth {
                0 => Upper {
                    input_weight: given.feed_weight,
                    bias: &[][..],
                    hidden_weight: given.hidden_weight,
                    parameters: given.parameters,
                },
                _ => {
                    let own = given.parameters.map(<[f32]>::len);
                    sizes(self.cell, hidden, own).map(|size| {
                        let (part, after) = rest.split_at(size);
                        rest = after;
                        part
                    })
                }
            };
            let steps = time * states;
            Layer {
                input_weight: parameters.input_weight,
                bias: parameters.bias,
                hidden_weight: parameters.hidden_weight,
                parameters: parameters.parameters,
                initial_hidden: part(given.initial_hidden, states),
                initial_cell: part(given.initial_cell, states),
                dropout: match (self.dropout, depth.checked_sub(1)) {
                    (true, Some(place)) => &given.dropout[place * steps..(place + 1) * steps],
                    _ => &[],
                },
                residual: self.residual && depth > 0,
                norm: (!norm.is_empty()).then_some(Norm { gain, bias }),
            }
        };
        (0..self.layers).map(layer).collect()
    }
}

/// The results are the outputs and, if there is a second one, the weights.
impl<const M: usize> Operation<OPERANDS, M> for Decode {
    type Saved = Saved;

    fn reads_input(&self) -> [bool; OPERANDS] {
        let mut reads = Operands::from_array([true; OPERANDS]);
        // The gates that came of it are saved.
        reads.projected = false;
        reads.into_array()
    }

    fn forward(&self, inputs: [&[f32]; OPERANDS], _gradients: bool) -> ([Vec<f32>; M], Saved) {
        let found = forward(self.cell, self.shape, &self.inputs(inputs));
        let mut outputs = found.outputs;
        let results = std::array::from_fn(|result| match result {
            0 => std::mem::take(&mut outputs),
            _ => found.saved.weights(),
        });
        (results, found.saved)
    }

    fn backward(self, back: Back<'_, Saved, OPERANDS, M>) -> [Vec<f32>; OPERANDS] {
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
        let mut first = Upper::default();
        for (depth, layer) in found.layers.into_iter().enumerate() {
            initial_hidden.extend(layer.cell.initial_hidden);
            initial_cell.extend(layer.cell.initial_cell);
            norms.extend(layer.gain);
            norms.extend(layer.norm_bias);
            let parameters = Upper {
                input_weight: layer.input_weight,
                bias: layer.bias,
                hidden_weight: layer.hidden_weight,
                parameters: layer.cell.parameters,
            };
            match depth {
                0 => first = parameters,
                _ => upper.extend(parameters.into_list().into_iter().flatten()),
            }
        }
        let gradients = Operands {
            projected: found.projected,
            feed_weight: first.input_weight,
            hidden_weight: first.hidden_weight,
            parameters: first.parameters,
            upper,
            initial_hidden,
            initial_cell,
            // Masks have no gradient.
            dropout: vec![],
            norms,
            asked: found.attention.into(),
            combine_weight: found.combine_weight,
            combine_bias: found.combine_bias,
        };
        gradients.into_array()
    }
}

/// See [`super::decode`]; of a decoder that feeds.
pub(super) fn decode(
    decoder: &Decoder,
    projected: Tensor<3>,
    state: State,
    memory: Option<&Memory>,
    upper: &[Option<Tensor<3>>],
    weights: bool,
) -> Forced {
    // A decoder that asks nothing asks a memory that is none.
    let attention = decoder.attention.clone();
    let attention = attention.unwrap_or_else(|| Attention::product(1.0));
    let [time, batch, _] = projected.dims();
    let hidden = decoder.hidden_size();
    let reading = Reading::new(decoder, memory, batch);
    let size = reading.memory.keys.dims()[2];
    let [_, length, width] = reading.memory.values.dims();
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
            heads: attention.heads.as_ref().map_or(1, |heads| heads.count),
        },
        layers: decoder.layers.len(),
        asking: Asking::new(&attention, &reading.memory),
        query: decoder.query,
        dropout: upper.iter().any(Option::is_some),
        residual: decoder.stack.residual,
    };
    let masks: Vec<Tensor<3>> = upper
        .iter()
        .flatten()
        .map(|mask| mask.clone().expand([time, batch, hidden]))
        .collect();
    let stack = |part: Vec<Tensor<2>>| Tensor::stack::<3>(part, 0);
    let cells: Option<Vec<Tensor<2>>> = state
        .layers
        .iter()
        .map(|state| state.cell.clone())
        .collect();
    let norms = decoder.stack.norms.iter();
    let norms: Vec<Tensor<1>> = norms
        .flat_map(|norm| [norm.gain.clone(), norm.bias.clone()])
        .collect();
    let joined_list = |parts: Vec<Tensor<1>>| (!parts.is_empty()).then(|| Tensor::cat(parts, 0));
    let operands = Operands {
        projected: Operand::new(projected),
        feed_weight: Operand::new(reading.feed),
        hidden_weight: Operand::new(first.recurrence.weight.clone()),
        parameters: first.recurrence.parameters().map(Operand::maybe),
        upper: Operand::maybe(joined(&decoder.layers[1..])),
        initial_hidden: Operand::new(stack(
            state.layers.into_iter().map(|state| state.hidden).collect(),
        )),
        initial_cell: Operand::maybe(cells.map(stack)),
        dropout: Operand::maybe((!masks.is_empty()).then(|| Tensor::cat(masks, 0))),
        norms: Operand::maybe(joined_list(norms)),
        combine_weight: Operand::new(reading.combine),
        combine_bias: Operand::maybe(decoder.combine.bias.clone()),
        asked: Asked::new(&attention, &reading.memory),
    };
    let operands = operands.into_array();
    let shapes: [&[usize]; 2] = [&[time, batch, hidden], &[time, batch, length]];
    // A memory that is none has no weights.
    let (outputs, weights) = if weights && memory.is_some() {
        let [outputs, weights] = apply(operation, operands, shapes);
        (outputs, Some(weights.tensor()))
    } else {
        let [outputs] = apply(operation, operands, [shapes[0]]);
        (outputs, None)
    };
    Forced {
        outputs: outputs.tensor(),
        weights,
    }
}
