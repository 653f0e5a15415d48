//! Attention: how much each source position counts for a query.
//!
//! A member of the family says how keys are made of the encoder's memory (once a sentence) and what
//! energy a query has with a key. The rest is shared: weights are the softmax of the energies over
//! real positions, the context is the weighted sum of the memory. Multi-head and local attention have
//! more of their own; two layers over time need no query at all and make one context for all steps, see
//! [`Pool`].

mod additive;
mod concat;
mod dot;
mod general;
mod local;
mod memory;
mod multi_head;
mod pool;
mod scaled;
mod tanh_pool;
#[cfg(test)]
mod tests;
mod time_dense;

use burn::module::Module;
use burn::tensor::{Tensor, activation::softmax};

pub use additive::Additive;
pub use concat::Concat;
pub use dot::Dot;
pub use general::General;
pub use local::Local;
pub use memory::{Memory, Past};
pub use multi_head::MultiHead;
pub use network::config::AttentionConfig;
pub use network::kind::{AttentionKind, Query};
pub use pool::{Pool, TimeLayer};
pub use scaled::Scaled;
pub use tanh_pool::TanhPool;
pub use time_dense::TimeDense;

use crate::initial::Initialiser;
use crate::padded::Lengths;

/// What tells one attention from another.
pub trait Energy {
    /// Keys of a memory, `[batch, source, memory]` to `[batch, source, key]`; made once a sentence.
    fn keys(&self, memory: Tensor<3>) -> Tensor<3>;

    /// The energy of each query with each key: queries `[batch, queries, hidden]` and keys
    /// `[batch, source, key]` to `[batch, queries, source]`, the shape of `coverage` too.
    fn energy(&self, query: Tensor<3>, keys: Tensor<3>, coverage: Option<Tensor<3>>) -> Tensor<3>;
}

/// One member of the family.
#[derive(Module, Debug)]
pub enum Attention {
    /// Bahdanau's.
    Additive(Additive),
    /// Luong's dot product.
    Dot(Dot),
    /// Luong's bilinear form.
    General(General),
    /// Luong's layer over both.
    Concat(Concat),
    /// Vaswani's dot product.
    Scaled(Scaled),
    /// Several of these.
    MultiHead(MultiHead),
    /// Luong's windows.
    Local(Local),
}

/// Which steps of a target ask.
#[derive(Debug, Clone, Copy)]
pub(crate) enum QuerySteps {
    /// Query i is step i's.
    InTurn,
    /// All queries are one step's.
    At(usize),
}

impl QuerySteps {
    fn step(self, query: usize) -> usize {
        match self {
            QuerySteps::InTurn => query,
            QuerySteps::At(step) => step,
        }
    }
}

impl Attention {
    /// What asks the memory at each step, if anything does, for memory of `memory` units and queries
    /// of `hidden` units.
    pub fn of(
        config: &AttentionConfig,
        initial: &Initialiser,
        memory: usize,
        hidden: usize,
    ) -> Option<Self> {
        let initial = initial.part("attention");
        let covers = config.coverage == Some(true);
        let window = config.window();
        let local = |predicts| Local::new(&initial, memory, hidden, window, predicts);
        Some(match config.kind {
            AttentionKind::None | AttentionKind::TimeDense | AttentionKind::TanhPool => {
                return None;
            }
            AttentionKind::Bahdanau => {
                Attention::Additive(Additive::new(&initial, memory, hidden, covers))
            }
            AttentionKind::LuongDot => Attention::Dot(Dot),
            AttentionKind::LuongGeneral => {
                Attention::General(General::new(&initial, memory, hidden))
            }
            AttentionKind::LuongConcat => {
                Attention::Concat(Concat::new(&initial, memory, hidden, covers))
            }
            AttentionKind::ScaledDot => Attention::Scaled(Scaled::new(&initial, memory, hidden)),
            AttentionKind::MultiHead => {
                let heads = config.heads(hidden);
                Attention::MultiHead(MultiHead::new(&initial, memory, hidden, heads))
            }
            AttentionKind::LocalM => Attention::Local(local(false)),
            AttentionKind::LocalP => Attention::Local(local(true)),
        })
    }

    /// Whether the weights of the steps before count.
    pub fn covers(&self) -> bool {
        match self {
            Attention::Additive(member) => member.coverage.is_some(),
            Attention::Concat(member) => member.coverage.is_some(),
            _ => false,
        }
    }

    /// Prepares what the encoder left, `[batch, source, memory]`, for queries.
    pub fn remember(&self, values: Tensor<3>, lengths: &Lengths) -> Memory {
        let keys = match self {
            Attention::Additive(member) => member.keys(values.clone()),
            Attention::Dot(member) => member.keys(values.clone()),
            Attention::General(member) => member.keys(values.clone()),
            Attention::Concat(member) => member.keys(values.clone()),
            Attention::Scaled(member) => member.keys(values.clone()),
            Attention::MultiHead(member) => member.key.forward(values.clone()),
            Attention::Local(member) => member.key.forward(values.clone()),
        };
        let values = match self {
            Attention::MultiHead(member) => member.value.forward(values),
            _ => values,
        };
        Memory {
            keys,
            values,
            lengths: lengths.clone(),
        }
    }

    /// Answers the queries of a target's steps, `[batch, steps, hidden]`: the contexts
    /// `[batch, steps, context]` and the weights `[batch, steps, source]`, which are zero at padding and
    /// sum to one (for local-p, to less).
    pub fn attend(&self, query: Tensor<3>, memory: &Memory) -> (Tensor<3>, Tensor<3>) {
        if !self.covers() {
            return self.answer(query, memory, QuerySteps::InTurn, None);
        }
        let [batch, steps, _] = query.dims();
        let source = memory.keys.dims()[1];
        let mut past = Past::none(batch, source, true, &memory.keys);
        let (mut contexts, mut weights) = (Vec::new(), Vec::new());
        for step in 0..steps {
            let query = query.clone().narrow(1, step, 1);
            let (context, seen) = self.attend_after(query, memory, &past);
            past = past.and(&seen.clone().reshape([batch, source]));
            contexts.push(context);
            weights.push(seen);
        }
        (Tensor::cat(contexts, 1), Tensor::cat(weights, 1))
    }

    /// Answers queries of one step, `[batch, beams, hidden]`, whose rows (sentence-major) have the same
    /// `past`; as [`Attention::attend`].
    pub fn attend_after(
        &self,
        query: Tensor<3>,
        memory: &Memory,
        past: &Past,
    ) -> (Tensor<3>, Tensor<3>) {
        let [batch, beams, _] = query.dims();
        let source = memory.keys.dims()[1];
        let coverage = past.coverage.clone();
        let coverage = coverage.map(|sum| sum.reshape([batch, beams, source]));
        self.answer(query, memory, QuerySteps::At(past.steps), coverage)
    }

    fn answer(
        &self,
        query: Tensor<3>,
        memory: &Memory,
        turn: QuerySteps,
        coverage: Option<Tensor<3>>,
    ) -> (Tensor<3>, Tensor<3>) {
        let member: &dyn Energy = match self {
            Attention::Additive(member) => member,
            Attention::Dot(member) => member,
            Attention::General(member) => member,
            Attention::Concat(member) => member,
            Attention::Scaled(member) => member,
            Attention::MultiHead(member) => return member.answer(query, memory),
            Attention::Local(member) => return member.answer(query, memory, turn),
        };
        let mut energy = member.energy(query, memory.keys.clone(), coverage);
        if let Some(penalty) = penalty(&memory.lengths) {
            energy = energy + penalty;
        }
        let weights = softmax(energy, 2);
        (weights.clone().matmul(memory.values.clone()), weights)
    }
}

/// What is added to the energies of padded positions, `[batch, 1, source]`, where there are any: far
/// below any energy, and far from overflow, so that exp gives exactly zero.
fn penalty(lengths: &Lengths) -> Option<Tensor<3>> {
    let mask = lengths.mask()?.clone();
    Some(((mask.transpose() - 1.0) * 1e9).unsqueeze_dim(1))
}
