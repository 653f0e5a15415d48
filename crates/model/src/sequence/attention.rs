//! Attention of all steps of a target at once, on the CPU's own kernels.

use std::iter;

use burn::module::Param;
use burn::tensor::Tensor;
use kernels::attention::{Energy, Inputs, Shape, backward, forward};

use crate::attention::{Attention, Local, Memory, MultiHead};
use crate::host::{Back, Operand, Operation, apply};
use crate::linear::Linear;

/// How the energy is made; its vector comes as an input.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Additive,
    Multiplicative { scale: f32 },
}

/// What the kernels need to know of a member of the family.
pub(super) struct Parts<'a> {
    pub(super) form: Form,
    /// What a state is multiplied by to make a query of it; where there is none, states are queries.
    pub(super) query: Option<&'a Linear>,
    /// `[key]`; additive forms only.
    pub(super) vector: Option<Tensor<1>>,
    /// `[key]`: what the sums of the weights before are multiplied by, where they count.
    pub(super) coverage: Option<Tensor<1>>,
    /// The window, if there is one.
    pub(super) local: Option<&'a Local>,
    /// What asks by several heads, if it does.
    pub(super) heads: Option<&'a MultiHead>,
}

impl Parts<'_> {
    /// Parts of a form whose queries are states.
    fn of(form: Form) -> Self {
        Self {
            form,
            query: None,
            vector: None,
            coverage: None,
            local: None,
            heads: None,
        }
    }

    /// Parts of a multiplicative form whose queries are states.
    pub(super) fn multiplicative(scale: f32) -> Self {
        Self::of(Form::Multiplicative { scale })
    }
}

/// What the kernels need to know of `attention`.
pub(super) fn parts(attention: &Attention) -> Parts<'_> {
    let additive = |query, vector, coverage: &Option<Param<Tensor<1>>>| Parts {
        query: Some(query),
        vector: Some(vector),
        coverage: coverage.as_ref().map(|weight| weight.val()),
        ..Parts::of(Form::Additive)
    };
    match attention {
        Attention::Additive(member) => {
            additive(&member.query, member.energy.val(), &member.coverage)
        }
        Attention::Concat(member) => additive(&member.query, member.energy.val(), &member.coverage),
        Attention::Dot(_) | Attention::General(_) => Parts::multiplicative(1.0),
        Attention::Scaled(member) => Parts::multiplicative(member.scale() as f32),
        Attention::Local(member) => Parts {
            local: Some(member),
            ..Parts::multiplicative(1.0)
        },
        Attention::MultiHead(member) => Parts {
            query: Some(&member.query),
            heads: Some(member),
            ..Parts::multiplicative(member.scale() as f32)
        },
    }
}

#[derive(Debug)]
struct Attend {
    shape: Shape,
    lengths: Vec<usize>,
    form: Form,
}

impl Attend {
    /// Inputs in the order of [`fused`].
    fn inputs<'a>(&'a self, [queries, keys, memory, vector]: [&'a [f32]; 4]) -> Inputs<'a> {
        Inputs {
            queries,
            keys,
            memory,
            lengths: &self.lengths,
            energy: match self.form {
                Form::Additive => Energy::Additive { vector },
                Form::Multiplicative { scale } => Energy::Multiplicative { scale },
            },
        }
    }
}

/// The results are the contexts and, if there is a second one, the weights.
impl<const M: usize> Operation<4, M> for Attend {
    /// The weights.
    type Saved = Vec<f32>;

    fn forward(&self, inputs: [&[f32]; 4], _gradients: bool) -> ([Vec<f32>; M], Vec<f32>) {
        let found = forward(self.shape, &self.inputs(inputs));
        let mut contexts = found.contexts;
        let results = std::array::from_fn(|result| match result {
            0 => std::mem::take(&mut contexts),
            _ => found.weights.clone(),
        });
        (results, found.weights)
    }

    fn backward(self, back: Back<'_, Vec<f32>, 4, M>) -> [Vec<f32>; 4] {
        let inputs = self.inputs(back.inputs);
        let [contexts, weights] = of_results(&back.gradients);
        let found = backward(self.shape, &inputs, &back.saved, contexts, weights);
        kernels::memory::reuse(back.saved);
        [found.queries, found.keys, found.memory, found.vector]
    }
}

/// The gradients of a first result, on which something depends, and of the weights.
pub(super) fn of_results<'a>(gradients: &[&'a [f32]]) -> [&'a [f32]; 2] {
    [0, 1].map(|result| gradients.get(result).copied().unwrap_or_default())
}

/// See [`super::attend`]. Hands the states back where the kernels have no such attention.
#[allow(clippy::result_large_err)] // One tensor handed back, once a batch.
pub(super) fn fused(
    attention: &Attention,
    states: Tensor<3>,
    memory: &Memory,
    weights: bool,
) -> Result<(Tensor<3>, Option<Tensor<3>>), Tensor<3>> {
    let Parts {
        form,
        query,
        vector,
        coverage: None,
        local: None,
        heads,
    } = parts(attention)
    else {
        return Err(states);
    };
    let queries = match query {
        Some(query) => query.forward(states),
        None => states,
    };
    let [time, batch, size] = queries.dims();
    let [_, source, width] = memory.values.dims();
    // Each head is a sentence of its own: queries `[time, batch, size]` are read as
    // `[time, batch * heads, size / heads]`.
    let count = heads.map_or(1, |member| member.heads);
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
        form,
    };
    let inputs = [
        Operand::new(queries),
        by_head(heads, &memory.keys),
        by_head(heads, &memory.values),
        vector.map_or_else(Operand::absent, Operand::new),
    ];
    let shapes: [&[usize]; 2] = [&[time, batch, width], &[time, batch, count, source]];
    let (contexts, weights) = if weights {
        let [contexts, weights] = apply(operation, inputs, shapes);
        let means = weights.tensor::<4>().mean_dim(2);
        (contexts, Some(means.reshape([time, batch, source])))
    } else {
        let [contexts] = apply(operation, inputs, [shapes[0]]);
        (contexts, None)
    };
    let contexts = contexts.tensor();
    let contexts = match heads {
        Some(member) => member.output.forward(contexts),
        None => contexts,
    };
    Ok((contexts, weights))
}

/// Keys or values of a memory, `[batch, source, size]`; with several heads one head's after the other's, `[batch,
/// heads, source, size / heads]`.
pub(super) fn by_head(heads: Option<&MultiHead>, values: &Tensor<3>) -> Operand {
    match heads {
        Some(member) => Operand::new(member.split(values.clone())),
        None => Operand::new(values.clone()),
    }
}
