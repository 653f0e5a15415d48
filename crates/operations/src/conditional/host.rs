//! The CPU's walk as a node of the autodiff graph.

use burn::tensor::Tensor;

use super::cpu::{Inputs, Recurrence, Saved, backward, forward};
use crate::affine::{Activation, affine_beside};
use crate::attention::cpu::steps::Shape;
use crate::attention::{Asked, Asking, Memory};
use crate::cell::cpu::Parameters;
use crate::decoder::{Decoder, Forced, State};
use crate::host::{Back, Operand, Operation, apply};
use crate::operands::{Listed, operands};

operands! {
    /// Operands of the walk.
    pub(super) struct Operands {
        projected,
        initial,
        first_weight,
        context_weight,
        bias,
        second_weight,
    }
    with {
        first: Parameters,
        second: Parameters,
        asked: Asked,
    }
}

const OPERANDS: usize = Operands::<()>::COUNT;

/// The walk over a whole target.
#[derive(Debug, Clone)]
struct Decode {
    shape: Shape,
    asking: Asking,
}

impl Decode {
    fn inputs<'a>(&'a self, operands: [&'a [f32]; OPERANDS]) -> Inputs<'a> {
        let given = Operands::from_array(operands);
        Inputs {
            projected: given.projected,
            initial: given.initial,
            first: Recurrence {
                weight: given.first_weight,
                parameters: given.first,
            },
            context_weight: given.context_weight,
            bias: given.bias,
            second: Recurrence {
                weight: given.second_weight,
                parameters: given.second,
            },
            attention: self.asking.inputs(given.asked),
        }
    }
}

/// The results are the states, the contexts and, if there is a third one, the weights.
impl<const M: usize> Operation<OPERANDS, M> for Decode {
    type Saved = Saved;

    fn reads_input(&self) -> [bool; OPERANDS] {
        let mut reads = Operands::from_array([true; OPERANDS]);
        // The gates that came of it are saved.
        reads.projected = false;
        reads.into_array()
    }

    fn forward(&self, inputs: [&[f32]; OPERANDS], _gradients: bool) -> ([Vec<f32>; M], Saved) {
        let mut found = forward(self.shape, &self.inputs(inputs));
        let results = std::array::from_fn(|result| match result {
            0 => std::mem::take(&mut found.states),
            1 => std::mem::take(&mut found.contexts),
            _ => found.saved.weights(),
        });
        (results, found.saved)
    }

    fn backward(self, back: Back<'_, Saved, OPERANDS, M>) -> [Vec<f32>; OPERANDS] {
        let given = |result| back.gradients.get(result).copied().unwrap_or_default();
        let gradients = [given(0), given(1), given(2)];
        let found = backward(
            self.shape,
            &self.inputs(back.inputs),
            &back.saved,
            gradients,
        );
        let gradients = Operands {
            projected: found.projected,
            initial: found.initial,
            first_weight: found.first_weight,
            first: found.first,
            context_weight: found.context_weight,
            bias: found.bias,
            second_weight: found.second_weight,
            second: found.second,
            asked: found.attention.into(),
        };
        gradients.into_array()
    }
}

/// See [`super::decode`].
pub(super) fn decode(
    decoder: &Decoder,
    projected: Tensor<3>,
    state: State,
    memory: &Memory,
    weights: bool,
) -> Forced {
    let ([first, second], Some(attention)) = (&decoder.layers[..], &decoder.attention) else {
        panic!("a conditional decoder has two transitions and an attention");
    };
    let [time, batch, _] = projected.dims();
    let [_, source, width] = memory.values.dims();
    let size = memory.keys.dims()[2];
    let hidden = decoder.hidden_size();
    let heads = attention.heads.as_ref();
    let operation = Decode {
        shape: Shape {
            time,
            batch,
            source,
            hidden,
            memory: width,
            keys: size,
            heads: heads.map_or(1, |heads| heads.count),
        },
        asking: Asking::new(attention, memory),
    };
    let context_weight = second.input_weight.clone();
    let initial = state.layers.into_iter().next().map(|state| state.hidden);
    let operands = Operands {
        projected: Operand::new(projected),
        initial: Operand::maybe(initial),
        first_weight: Operand::new(first.recurrence.weight.clone()),
        first: first.recurrence.parameters().map(Operand::maybe),
        // The walk leaves the heads' contexts side by side.
        context_weight: Operand::new(match heads {
            Some(heads) => heads.before(context_weight),
            None => context_weight,
        }),
        bias: Operand::new(second.bias.clone()),
        second_weight: Operand::new(second.recurrence.weight.clone()),
        second: second.recurrence.parameters().map(Operand::maybe),
        asked: Asked::new(attention, memory),
    };
    let operands = operands.into_array();
    let shapes: [&[usize]; 3] = [
        &[time, batch, hidden],
        &[time, batch, width],
        &[time, batch, source],
    ];
    let (states, contexts, weights) = if weights {
        let [states, contexts, weights] = apply(operation, operands, shapes);
        (states, contexts, Some(weights.tensor()))
    } else {
        let [states, contexts] = apply(operation, operands, [shapes[0], shapes[1]]);
        (states, contexts, None)
    };
    let contexts = contexts.tensor::<3>();
    let contexts = match heads {
        Some(heads) => heads.join(contexts),
        None => contexts,
    };
    let context = contexts.dims()[2];
    let combine = decoder.combine.clone();
    let outputs = affine_beside(
        states.tensor::<3>().reshape([time * batch, hidden]),
        contexts.reshape([time * batch, context]),
        combine.weight,
        combine.bias,
        Activation::Tanh,
    );
    Forced {
        outputs: outputs.reshape([time, batch, hidden]),
        weights,
    }
}
