//! Attention: how much each source position counts for a query.
//!
//! A member of the family says how keys are made of the encoder's memory (once a sentence) and what
//! energy a query has with a key. The rest is shared: weights are the softmax of the energies over
//! real positions, the context is the weighted sum of the memory.

mod additive;
mod concat;
mod dot;
mod general;

use burn::module::Module;
use burn::tensor::{Int, Tensor, activation::softmax};
use serde::{Deserialize, Serialize};

pub use additive::Additive;
pub use concat::Concat;
pub use dot::Dot;
pub use general::General;

use crate::error::ModelError;
use crate::initial::Initialiser;
use crate::padded::Lengths;

/// The family, as a config names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttentionKind {
    /// The decoder sees the source only through its first state (or a fixed context).
    None,
    /// Additive (Bahdanau et al. 2015).
    Bahdanau,
    /// Dot product (Luong et al. 2015).
    LuongDot,
    /// Bilinear (Luong et al. 2015).
    LuongGeneral,
    /// One layer over query and memory side by side (Luong et al. 2015).
    LuongConcat,
}

impl AttentionKind {
    /// Whether only a recurrent decoder can ask.
    pub fn asks_state_by_state(self) -> bool {
        use AttentionKind::{Bahdanau, LuongConcat};
        matches!(self, Bahdanau | LuongConcat)
    }
}

impl std::fmt::Display for AttentionKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            AttentionKind::None => "none",
            AttentionKind::Bahdanau => "bahdanau",
            AttentionKind::LuongDot => "luong-dot",
            AttentionKind::LuongGeneral => "luong-general",
            AttentionKind::LuongConcat => "luong-concat",
        })
    }
}

/// Which state asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Query {
    /// The state after the step; the context goes to the output (Luong et al. 2015).
    After,
    /// The state before the step; the context goes into the cell (Bahdanau et al. 2015).
    Before,
}

/// The `[model.attention]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AttentionConfig {
    /// Which member of the family.
    pub kind: AttentionKind,
    /// Which state asks; every kind but `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<Query>,
}

impl Default for AttentionConfig {
    fn default() -> Self {
        Self {
            kind: AttentionKind::Bahdanau,
            query: None,
        }
    }
}

impl AttentionConfig {
    /// Which state asks.
    pub fn query(&self) -> Query {
        self.query.unwrap_or(Query::After)
    }

    pub(crate) fn effective(mut self) -> Self {
        if self.kind != AttentionKind::None {
            self.query.get_or_insert(Query::After);
        }
        self
    }

    pub(crate) fn check(&self) -> Result<(), ModelError> {
        if self.kind == AttentionKind::None && self.query.is_some() {
            return Err(ModelError::MisplacedKey {
                key: "model.attention.query".into(),
                owner: "every attention but \"none\"".into(),
                kind: self.kind.to_string(),
            });
        }
        Ok(())
    }

    /// The module, or `None` for `kind = "none"`, for memory of `memory` units and queries of
    /// `hidden` units.
    pub fn init(&self, initial: &Initialiser, memory: usize, hidden: usize) -> Option<Attention> {
        let initial = initial.part("attention");
        Some(match self.kind {
            AttentionKind::None => return None,
            AttentionKind::Bahdanau => Attention::Additive(Additive::new(&initial, memory, hidden)),
            AttentionKind::LuongDot => Attention::Dot(Dot::new(1.0)),
            AttentionKind::LuongGeneral => {
                Attention::General(General::new(&initial, memory, hidden))
            }
            AttentionKind::LuongConcat => Attention::Concat(Concat::new(&initial, memory, hidden)),
        })
    }
}

/// What tells one attention from another.
pub trait Energy {
    /// Keys of a memory, `[batch, source, memory]` to `[batch, source, key]`; made once a sentence.
    fn keys(&self, memory: Tensor<3>) -> Tensor<3>;

    /// The energy of each query with each key: queries `[batch, queries, hidden]` and keys
    /// `[batch, source, key]` to `[batch, queries, source]`.
    fn energy(&self, query: Tensor<3>, keys: Tensor<3>) -> Tensor<3>;
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
}

impl Attention {
    /// The member behind its trait.
    pub fn member(&self) -> &dyn Energy {
        match self {
            Attention::Additive(member) => member,
            Attention::Dot(member) => member,
            Attention::General(member) => member,
            Attention::Concat(member) => member,
        }
    }

    /// Prepares what the encoder left, `[batch, source, memory]`, for queries.
    pub fn remember(&self, values: Tensor<3>, lengths: &Lengths) -> Memory {
        let keys = self.member().keys(values.clone());
        Memory {
            keys,
            values,
            lengths: lengths.clone(),
        }
    }

    /// Answers queries `[batch, queries, hidden]`: the contexts `[batch, queries, memory]` and the
    /// weights `[batch, queries, source]`, which are zero at padding and sum to one.
    pub fn attend(&self, query: Tensor<3>, memory: &Memory) -> (Tensor<3>, Tensor<3>) {
        let mut energy = self.member().energy(query, memory.keys.clone());
        if let Some(mask) = memory.lengths.mask() {
            // Far below any energy, and far from overflow: exp gives exactly zero.
            let penalty = (mask.clone().transpose() - 1.0) * 1e9;
            energy = energy + penalty.unsqueeze_dim(1);
        }
        let weights = softmax(energy, 2);
        (weights.clone().matmul(memory.values.clone()), weights)
    }
}

/// An encoded batch, ready for queries.
#[derive(Debug, Clone)]
pub struct Memory {
    /// `[batch, source, memory]`.
    pub values: Tensor<3>,
    /// `[batch, source, key]`.
    pub keys: Tensor<3>,
    /// Which positions are real.
    pub lengths: Lengths,
}

impl Memory {
    /// Keeps the sentences of `indices`, in that order.
    pub fn select(&self, indices: &Tensor<1, Int>, host: &[usize]) -> Self {
        Self {
            values: self.values.clone().select(0, indices.clone()),
            keys: self.keys.clone().select(0, indices.clone()),
            lengths: self.lengths.select(indices, host),
        }
    }
}
