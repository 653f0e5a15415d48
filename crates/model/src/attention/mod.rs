//! Attention: how much each source position counts for a query.
//!
//! A kind of attention says how keys are made of the encoder's memory (once a sentence) and what energy a query has with a
//! key; [`operations::attention`] does the rest. Two layers over time need no query at all and make one context for all
//! steps, see [`Pool`].

mod pool;
mod tanh_pool;
#[cfg(test)]
mod tests;
mod time_dense;

use burn::module::{Module, Param};
use burn::tensor::Tensor;

pub use network::config::AttentionConfig;
pub use network::kind::{AttentionKind, Query};
pub use operations::attention::{Memory, Past};
pub use pool::{Pool, TimeLayer};
pub use tanh_pool::TanhPool;
pub use time_dense::TimeDense;

use crate::initial::Initialiser;
use crate::linear::Linear;
use network::{Energy, Reach, Shape, Shaped, tree};
use operations::attention::{self, Heads};
use operations::lengths::Lengths;

/// Attention that queries the memory at each step. Which parts there are depends on the kind.
#[derive(Module, Debug)]
pub struct Attention {
    /// W_k, `[memory, key]`: makes keys of the memory; without it, the memory serves.
    pub key: Option<Linear>,
    /// W_q and b, `[hidden, key]`: makes queries of states; without it, states are queries.
    pub query: Option<Linear>,
    /// v, `[key]`, of an additive energy.
    pub energy: Option<Param<Tensor<1>>>,
    /// W_p, `[hidden, hidden]`; local-p only.
    pub position: Option<Linear>,
    /// v, `[hidden]`; local-p only.
    pub position_vector: Option<Param<Tensor<1>>>,
    /// w_c, `[key]`, with coverage.
    pub coverage: Option<Param<Tensor<1>>>,
    /// The heads' W_v side by side, `[memory, hidden]`; multi-head attention only.
    pub value: Option<Linear>,
    /// W_o, `[hidden, hidden]`; multi-head attention only.
    pub output: Option<Linear>,
    /// The energy, whose vector is `energy`.
    #[module(skip)]
    form: Energy<()>,
    /// D of local attention.
    #[module(skip)]
    window: Option<usize>,
    /// How many attentions there are side by side.
    #[module(skip)]
    heads: usize,
}

/// A vector that turns a layer of `size` units into a number.
fn vector(initial: &Initialiser, name: &str, size: usize) -> Param<Tensor<1>> {
    let bound = (6.0 / (size + 1) as f32).sqrt();
    initial.vector(initial.numbers(name, size, bound))
}

impl Attention {
    /// The attention that `config` describes, for memory of `memory` units and queries of `hidden` units; `None` for
    /// kinds that do not query the memory at each step.
    pub fn of(
        config: &AttentionConfig,
        initial: &Initialiser,
        memory: usize,
        hidden: usize,
    ) -> Option<Self> {
        let initial = initial.part("attention");
        let shapes = tree::Attention::<Shape>::new(config, memory, hidden)?;
        let linear = |name, shape: &tree::Linear<Shape>| {
            let (input, output) = (shape.inputs(), shape.outputs());
            Linear::new(&initial.part(name), input, output, shape.bias.is_some())
        };
        let maybe = |name, shape: &Option<tree::Linear<Shape>>| {
            shape.as_ref().map(|shape| linear(name, shape))
        };
        let form = shapes.energy.as_ref().map(|_| ());
        let (window, position, position_vector) = match &shapes.reach {
            Reach::Everywhere => (None, None, None),
            Reach::Monotonic { window } => (Some(*window), None, None),
            Reach::Predictive {
                window,
                weight,
                vector: of,
            } => {
                let own = vector(&initial.part("position"), "energy", of.columns());
                (Some(*window), Some(linear("position", weight)), Some(own))
            }
        };
        let heads = shapes.heads.as_ref();
        let coverage = shapes.coverage.as_ref();
        Some(Self {
            key: maybe("key", &shapes.key),
            query: maybe("query", &shapes.query),
            coverage: coverage.map(|shape| vector(&initial, "coverage", shape.columns())),
            value: heads.map(|heads| linear("value", &heads.value)),
            output: heads.map(|heads| linear("output", &heads.output)),
            heads: heads.map_or(1, |heads| heads.count),
            energy: shapes
                .energy
                .vector()
                .map(|shape| vector(&initial, "energy", shape.columns())),
            position,
            position_vector,
            form,
            window,
        })
    }

    /// Whether the weights of the steps before count.
    pub fn covers(&self) -> bool {
        self.coverage.is_some()
    }

    /// Returns the parameters by which queries of a memory are answered.
    pub fn parameters(&self) -> attention::Attention {
        attention::Attention {
            query: self.query.as_ref().map(Linear::parameters),
            energy: self.form.map(|()| {
                let vector = self.energy.as_ref();
                vector.expect("an additive energy has its vector").val()
            }),
            coverage: self.coverage.as_ref().map(|vector| vector.val()),
            reach: match (self.window, &self.position, &self.position_vector) {
                (Some(window), Some(weight), Some(vector)) => Reach::Predictive {
                    window,
                    weight: weight.weight.val(),
                    vector: vector.val(),
                },
                (Some(window), ..) => Reach::Monotonic { window },
                (None, ..) => Reach::Everywhere,
            },
            heads: self.output.as_ref().map(|output| Heads {
                count: self.heads,
                output: output.weight.val(),
            }),
        }
    }

    /// Prepares what the encoder left, `[batch, source, memory]`, for queries.
    pub fn remember(&self, values: Tensor<3>, lengths: &Lengths) -> Memory {
        let product = |layer: &Option<Linear>| match layer {
            Some(layer) => layer.forward(values.clone()),
            None => values.clone(),
        };
        Memory {
            keys: product(&self.key),
            values: product(&self.value),
            lengths: lengths.clone(),
        }
    }

    /// Answers the queries of a target's steps, `[batch, steps, hidden]`: the contexts
    /// `[batch, steps, context]` and the weights `[batch, steps, source]`, which are zero at padding and
    /// sum to one (for local-p, to less).
    pub fn attend(&self, query: Tensor<3>, memory: &Memory) -> (Tensor<3>, Tensor<3>) {
        attention::attend_in_turn(&self.parameters(), query, memory)
    }

    /// Answers queries of one step, `[batch, beams, hidden]`, whose rows (sentence-major) have the same
    /// `past`; as [`Attention::attend`].
    pub fn attend_after(
        &self,
        query: Tensor<3>,
        memory: &Memory,
        past: &Past,
    ) -> (Tensor<3>, Tensor<3>) {
        attention::attend_after(&self.parameters(), query, memory, past)
    }
}
