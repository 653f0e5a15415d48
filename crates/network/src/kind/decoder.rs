//! Decoders.

use serde::{Deserialize, Serialize};

use crate::cell::CellKind;

/// The family, as a config names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DecoderKind {
    /// Recurrent, of simple cells.
    Rnn,
    /// Recurrent, of gated recurrent units.
    Gru,
    /// Recurrent, of long short-term memory.
    Lstm,
    /// Two gated recurrent units round the attention (Sennrich et al. 2017).
    Cgru,
    /// Causal gated convolutions with attention in each layer (Gehring et al. 2017).
    Conv,
}

impl DecoderKind {
    /// The cell of a recurrent kind.
    pub fn cell(self) -> Option<CellKind> {
        match self {
            DecoderKind::Rnn => Some(CellKind::Rnn),
            DecoderKind::Gru | DecoderKind::Cgru => Some(CellKind::Gru),
            DecoderKind::Lstm => Some(CellKind::Lstm),
            DecoderKind::Conv => None,
        }
    }
}

impl From<CellKind> for DecoderKind {
    fn from(cell: CellKind) -> Self {
        match cell {
            CellKind::Rnn => DecoderKind::Rnn,
            CellKind::Gru => DecoderKind::Gru,
            CellKind::Lstm => DecoderKind::Lstm,
        }
    }
}

impl PartialEq<CellKind> for DecoderKind {
    fn eq(&self, cell: &CellKind) -> bool {
        self.cell() == Some(*cell)
    }
}

impl std::fmt::Display for DecoderKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            DecoderKind::Rnn => "rnn",
            DecoderKind::Gru => "gru",
            DecoderKind::Lstm => "lstm",
            DecoderKind::Cgru => "cgru",
            DecoderKind::Conv => "conv",
        })
    }
}
