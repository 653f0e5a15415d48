//! From the encoder's last state to the decoder's first.

use serde::{Deserialize, Serialize};

/// The family, as a config names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BridgeKind {
    /// tanh(W h + b), the same for every decoder layer; cell states start at zero.
    Tanh,
    /// The same, which is the first cell state of every layer too (as JoeyNMT has it).
    TanhCell,
    /// The encoder's state itself, layer by layer where the depths agree, else the top layer's;
    /// through a matrix where the sizes differ. A cell state that the encoder lacks starts at
    /// zero.
    Copy,
    /// Zeros: the decoder knows the source through attention alone.
    Zero,
    /// A learned state, the same for every sentence.
    Learned,
}

impl BridgeKind {
    /// Whether states come through a layer with a hyperbolic tangent.
    pub fn squashes(self) -> bool {
        matches!(self, BridgeKind::Tanh | BridgeKind::TanhCell)
    }
}
