//! On tensors.

use std::iter;

use burn::tensor::Tensor;
use network::{Energy, Reach};

use super::cpu::{Inputs, Shape, backward, forward};
use super::memory::Memory;
use super::reference::{self, split};
use crate::affine::{Activation, Weights, affine};
use crate::host::{Back, Operand, Operation, apply, of_results};
use crate::operands::{Listed, operands};
use crate::path::{Path, path};

/// Parameters of an attention, but for what makes keys and values of the memory.
#[derive(Debug, Clone)]
pub struct Attention {
    /// W_q and b: what makes queries of states; where there is none, states are queries.
    pub query: Option<Weights>,
    /// How a query and a key make an energy, with v, `[key]`.
    pub energy: Energy<Tensor<1>>,
    /// w_c, `[key]`: what the sums of the weights before are multiplied by, where they count.
    pub coverage: Option<Tensor<1>>,
    /// Which positions a query looks at.
    pub reach: Reach<Tensor<2>, Tensor<1>>,
    /// Several attentions side by side.
    pub heads: Option<Heads>,
}

/// Several attentions side by side.
#[derive(Debug, Clone)]
pub struct Heads {
    /// How many; they divide keys and values.
    pub count: usize,
    /// W_o, `[values, context]`: what their contexts side by side are multiplied by.
    pub output: Tensor<2>,
}

impl Heads {
    /// The context, `[.., .., context]`, of the heads' contexts side by side.
    pub(crate) fn join(&self, contexts: Tensor<3>) -> Tensor<3> {
        let output = Weights {
            weight: self.output.clone(),
            bias: None,
        };
        output.forward(contexts)
    }

    /// `weight`, `[context, columns]`, which multiplies contexts, for contexts of which the heads lie side by side:
    /// W_o `weight`.
    pub(crate) fn before(&self, weight: Tensor<2>) -> Tensor<2> {
        affine(self.output.clone(), weight, None, Activation::Identity)
    }
}

impl Attention {
    /// One whose queries are states and whose energy is their product with a key.
    pub fn product(scale: f32) -> Self {
        Self {
            query: None,
            energy: Energy::Multiplicative(scale),
            coverage: None,
            reach: Reach::Everywhere,
            heads: None,
        }
    }

    /// Whether the programs of a GPU compute it; others run the reference there.
    #[cfg(gpu)]
    pub(crate) fn fits_gpu(&self) -> bool {
        let known = match self.energy {
            Energy::Additive(_) | Energy::Multiplicative(_) => true,
        };
        let everywhere = matches!(self.reach, Reach::Everywhere);
        known && everywhere && self.coverage.is_none() && self.heads.is_none()
    }

    /// Keys or values of a memory, `[batch, source, size]`; with several heads one head's after the other's, `[batch,
    /// heads, source, size / heads]`.
    pub(crate) fn by_head(&self, values: &Tensor<3>) -> Operand {
        match &self.heads {
            Some(heads) => Operand::new(split(values.clone(), heads.count)),
            None => Operand::new(values.clone()),
        }
    }
}

operands! {
    /// Operands of attention.
    pub(super) struct Operands {
        queries,
        keys,
        memory,
        vector,
    }
}

pub(super) const OPERANDS: usize = Operands::<()>::COUNT;

#[derive(Debug)]
struct Attend {
    shape: Shape,
    lengths: Vec<usize>,
    energy: Energy<()>,
}

impl Attend {
    fn inputs<'a>(&'a self, operands: [&'a [f32]; OPERANDS]) -> Inputs<'a> {
        let given = Operands::from_array(operands);
        Inputs {
            queries: given.queries,
            keys: given.keys,
            memory: given.memory,
            lengths: &self.lengths,
            energy: self.energy.map(|()| given.vector),
        }
    }
}

/// The results are the contexts and, if there is a second one, the weights.
impl<const M: usize> Operation<OPERANDS, M> for Attend {
    /// The weights.
    type Saved = Vec<f32>;

    fn forward(&self, inputs: [&[f32]; OPERANDS], _gradients: bool) -> ([Vec<f32>; M], Vec<f32>) {
        let found = forward(self.shape, &self.inputs(inputs));
        let mut contexts = found.contexts;
        let results = std::array::from_fn(|result| match result {
            0 => std::mem::take(&mut contexts),
            _ => found.weights.clone(),
        });
        (results, found.weights)
    }

    fn backward(self, back: Back<'_, Vec<f32>, OPERANDS, M>) -> [Vec<f32>; OPERANDS] {
        let inputs = self.inputs(back.inputs);
        let [contexts, weights] = of_results(&back.gradients);
        let found = backward(self.shape, &inputs, &back.saved, contexts, weights);
        kernels::storage::reuse(back.saved);
        let gradients = Operands {
            queries: found.queries,
            keys: found.keys,
            memory: found.memory,
            vector: found.vector,
        };
        gradients.into_array()
    }
}

/// Answers the states of all steps, `[time, batch, hidden]`, at once: the contexts
/// `[time, batch, context]`, and, if wanted, the weights `[time, batch, source]`.
pub fn attend(
    attention: &Attention,
    states: Tensor<3>,
    memory: &Memory,
    weights: bool,
) -> (Tensor<3>, Option<Tensor<3>>) {
    let known = attention.coverage.is_none() && matches!(attention.reach, Reach::Everywhere);
    if known && path(&states) == Path::Host {
        return fused(attention, states, memory, weights);
    }
    let (contexts, seen) = reference::attend_in_turn(attention, states.swap_dims(0, 1), memory);
    let seen = weights.then(|| seen.swap_dims(0, 1));
    (contexts.swap_dims(0, 1), seen)
}

/// [`attend`] on the host, without coverage and windows.
fn fused(
    attention: &Attention,
    states: Tensor<3>,
    memory: &Memory,
    weights: bool,
) -> (Tensor<3>, Option<Tensor<3>>) {
    let queries = match &attention.query {
        Some(query) => query.clone().forward(states),
        None => states,
    };
    let [time, batch, size] = queries.dims();
    let [_, source, width] = memory.values.dims();
    // Each head is a sentence of its own: queries `[time, batch, size]` are read as
    // `[time, batch * heads, size / heads]`.
    let count = attention.heads.as_ref().map_or(1, |heads| heads.count);
    let lengths = memory.lengths.host().iter();
    let operation = Attend {
        shape: Shape {
            time,
            batch: batch * count,
            source,
            memory: width / count,
            keys: size / count,
        },
        lengths: lengths.flat_map(|&n| iter::repeat_n(n, count)).collect(),
        energy: attention.energy.as_ref().map(|_| ()),
    };
    let operands = Operands {
        queries: Operand::new(queries),
        keys: attention.by_head(&memory.keys),
        memory: attention.by_head(&memory.values),
        vector: Operand::maybe(attention.energy.clone().vector()),
    };
    let operands = operands.into_array();
    let shapes: [&[usize]; 2] = [&[time, batch, width], &[time, batch, count, source]];
    let (contexts, weights) = if weights {
        let [contexts, weights] = apply(operation, operands, shapes);
        let means = weights.tensor::<4>().mean_dim(2);
        (contexts, Some(means.reshape([time, batch, source])))
    } else {
        let [contexts] = apply(operation, operands, [shapes[0]]);
        (contexts, None)
    };
    let contexts = contexts.tensor();
    let contexts = match &attention.heads {
        Some(heads) => heads.join(contexts),
        None => contexts,
    };
    (contexts, weights)
}
