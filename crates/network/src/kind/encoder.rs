//! Encoders.

use serde::{Deserialize, Serialize};

use crate::cell::CellKind;

/// The family, as a config names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EncoderKind {
    /// Recurrent, of simple cells.
    Rnn,
    /// Recurrent, of gated recurrent units.
    Gru,
    /// Recurrent, of long short-term memory.
    Lstm,
    /// Gated convolutions over words (Gehring et al. 2017).
    Conv,
    /// Convolutions over images.
    Image,
}

impl EncoderKind {
    /// The cell of a recurrent kind.
    pub fn cell(self) -> Option<CellKind> {
        match self {
            EncoderKind::Rnn => Some(CellKind::Rnn),
            EncoderKind::Gru => Some(CellKind::Gru),
            EncoderKind::Lstm => Some(CellKind::Lstm),
            EncoderKind::Conv | EncoderKind::Image => None,
        }
    }
}

impl From<CellKind> for EncoderKind {
    fn from(cell: CellKind) -> Self {
        match cell {
            CellKind::Rnn => EncoderKind::Rnn,
            CellKind::Gru => EncoderKind::Gru,
            CellKind::Lstm => EncoderKind::Lstm,
        }
    }
}

impl PartialEq<CellKind> for EncoderKind {
    fn eq(&self, cell: &CellKind) -> bool {
        self.cell() == Some(*cell)
    }
}

impl std::fmt::Display for EncoderKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            EncoderKind::Rnn => "rnn",
            EncoderKind::Gru => "gru",
            EncoderKind::Lstm => "lstm",
            EncoderKind::Conv => "conv",
            EncoderKind::Image => "image",
        })
    }
}

/// State that a recurrent encoder's walks start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InitialState {
    /// Zeros.
    #[default]
    Zero,
    /// A learned state of each layer and direction, zero at first.
    Learned,
}
