//! Keys that every table of recurrent layers has.

use serde::{Deserialize, Serialize};

use crate::cell::{Cell, CellKind, Nonlinearity};

/// What layer normalisation (Ba et al. 2016) is applied to in recurrent layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "bool", into = "bool")]
pub enum LayerNorm {
    /// Nothing: `false`.
    #[default]
    Off,
    /// Each layer's output, before the next layer reads it: `true`.
    Outputs,
}

impl From<bool> for LayerNorm {
    fn from(given: bool) -> Self {
        match given {
            true => LayerNorm::Outputs,
            false => LayerNorm::Off,
        }
    }
}

impl From<LayerNorm> for bool {
    fn from(norm: LayerNorm) -> Self {
        norm == LayerNorm::Outputs
    }
}

/// A table of layers, of which some kinds are recurrent.
pub trait RecurrentConfig {
    /// The number of layers.
    fn layers(&self) -> usize;

    /// The family of its cells, for recurrent kinds.
    fn cell_kind(&self) -> Option<CellKind>;

    /// Nonlinearity of a simple recurrent cell, as given.
    fn nonlinearity(&self) -> Option<Nonlinearity>;

    /// Whether a layer's input is added to its output, as given.
    fn residual(&self) -> Option<bool>;

    /// What is normalised, as given.
    fn layer_norm(&self) -> Option<LayerNorm>;

    /// The cell of its layers, for recurrent kinds.
    fn cell(&self) -> Option<Cell> {
        let kind = self.cell_kind()?;
        Some(Cell::new(kind, self.nonlinearity()))
    }

    /// Whether a layer's input is added to its output, from the second layer on.
    fn adds_inputs(&self) -> bool {
        self.residual().unwrap_or(false)
    }

    /// Whether each layer's output is normalised.
    fn normalises_outputs(&self) -> bool {
        self.layer_norm() == Some(LayerNorm::Outputs)
    }
}
