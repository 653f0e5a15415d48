//! Attentions, and which state asks.

use serde::{Deserialize, Serialize};

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
    /// Dot product over the root of the size (Vaswani et al. 2017).
    ScaledDot,
    /// Several scaled dot products side by side (Vaswani et al. 2017).
    MultiHead,
    /// A window that moves on by one position each step (Luong et al. 2015).
    LocalM,
    /// A window around a predicted position (Luong et al. 2015).
    LocalP,
    /// One layer over time, for sources of a fixed length.
    TimeDense,
    /// The same with a hyperbolic tangent, as a pooling.
    TanhPool,
}

impl AttentionKind {
    /// Every member, in the order of the documentation.
    pub const ALL: [AttentionKind; 11] = [
        AttentionKind::None,
        AttentionKind::Bahdanau,
        AttentionKind::LuongDot,
        AttentionKind::LuongGeneral,
        AttentionKind::LuongConcat,
        AttentionKind::ScaledDot,
        AttentionKind::MultiHead,
        AttentionKind::LocalM,
        AttentionKind::LocalP,
        AttentionKind::TimeDense,
        AttentionKind::TanhPool,
    ];

    /// Whether every step of the decoder asks the memory.
    pub fn asks(self) -> bool {
        self != AttentionKind::None && !self.pools()
    }

    /// Whether the memory becomes one fixed context, whatever the decoder does.
    pub fn pools(self) -> bool {
        matches!(self, AttentionKind::TimeDense | AttentionKind::TanhPool)
    }

    /// Whether energies are additive.
    pub fn is_additive(self) -> bool {
        matches!(self, AttentionKind::Bahdanau | AttentionKind::LuongConcat)
    }

    /// Whether only a recurrent decoder can ask: one state after another.
    pub fn asks_state_by_state(self) -> bool {
        self.is_additive() || self.is_local()
    }

    /// Whether only a window of the source is looked at.
    pub fn is_local(self) -> bool {
        matches!(self, AttentionKind::LocalM | AttentionKind::LocalP)
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
            AttentionKind::ScaledDot => "scaled-dot",
            AttentionKind::MultiHead => "multi-head",
            AttentionKind::LocalM => "local-m",
            AttentionKind::LocalP => "local-p",
            AttentionKind::TimeDense => "time-dense",
            AttentionKind::TanhPool => "tanh-pool",
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
