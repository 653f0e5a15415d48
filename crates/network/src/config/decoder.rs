//! The `[model.decoder]` table.

use serde::{Deserialize, Serialize};

use super::recurrent::{LayerNorm, RecurrentConfig};
use super::rules::{RECURRENT, only, positive};
use crate::cell::{CellKind, Nonlinearity};
use crate::error::NetworkError;
use crate::kind::DecoderKind;

/// The `[model.decoder]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DecoderConfig {
    /// Which member of the family.
    pub kind: DecoderKind,
    /// Recurrent layers, or convolutions.
    pub layers: usize,
    /// A decoder writes from left to right: only `false` is possible.
    #[serde(skip_serializing)]
    pub bidirectional: Option<bool>,
    /// Nonlinearity that a simple recurrent cell applies to its sum; `rnn` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonlinearity: Option<Nonlinearity>,
    /// Whether a layer's input is added to its output, from the second layer on; recurrent only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residual: Option<bool>,
    /// What is normalised; recurrent only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_norm: Option<LayerNorm>,
    /// Words that one convolution sees, the present one included; `conv` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_width: Option<usize>,
    /// Positions with a vector of their own; `conv` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_positions: Option<usize>,
}

impl Default for DecoderConfig {
    fn default() -> Self {
        Self {
            kind: DecoderKind::Lstm,
            layers: 1,
            bidirectional: None,
            nonlinearity: None,
            residual: None,
            layer_norm: None,
            kernel_width: None,
            max_positions: None,
        }
    }
}

impl RecurrentConfig for DecoderConfig {
    fn layers(&self) -> usize {
        self.layers
    }

    fn cell_kind(&self) -> Option<CellKind> {
        self.kind.cell()
    }

    fn nonlinearity(&self) -> Option<Nonlinearity> {
        self.nonlinearity
    }

    fn residual(&self) -> Option<bool> {
        self.residual
    }

    fn layer_norm(&self) -> Option<LayerNorm> {
        self.layer_norm
    }
}

impl DecoderConfig {
    /// Words that one convolution sees, the present one included.
    pub fn kernel_width(&self) -> usize {
        self.kernel_width.unwrap_or(3)
    }

    /// Positions with a vector of their own.
    pub fn max_positions(&self) -> usize {
        self.max_positions.unwrap_or(1024)
    }

    pub(crate) fn effective(mut self) -> Self {
        if self.kind == DecoderKind::Rnn {
            self.nonlinearity.get_or_insert_default();
        }
        if self.kind == DecoderKind::Conv {
            self.kernel_width = Some(self.kernel_width());
            self.max_positions = Some(self.max_positions());
        } else {
            self.residual.get_or_insert(false);
            self.layer_norm.get_or_insert_default();
        }
        self
    }

    pub(crate) fn check(&self) -> Result<(), NetworkError> {
        self.check_owners()?;
        positive("model.decoder.layers", self.layers)?;
        if self.bidirectional == Some(true) {
            return Err(NetworkError::CannotCombine {
                first: "model.decoder".into(),
                second: "bidirectional = true".into(),
                reason: "a decoder writes from left to right and cannot read words it has not \
                         written; remove the key"
                    .into(),
            });
        }
        if self.kernel_width() < 2 {
            return Err(NetworkError::OutOfRange {
                key: "model.decoder.kernel_width".into(),
                value: self.kernel_width().to_string(),
                range: "at least 2: over one word, a convolution knows nothing of those before"
                    .into(),
            });
        }
        positive("model.decoder.max_positions", self.max_positions())
    }

    /// Refuses keys of other kinds.
    fn check_owners(&self) -> Result<(), NetworkError> {
        let kind = self.kind;
        let (simple, conv) = (kind == DecoderKind::Rnn, kind == DecoderKind::Conv);
        let owner = "`kind = \"conv\"`";
        let rows = [
            (
                "nonlinearity",
                self.nonlinearity.is_some(),
                simple,
                "`kind = \"rnn\"`",
            ),
            ("residual", self.residual.is_some(), !conv, RECURRENT),
            ("layer_norm", self.layer_norm.is_some(), !conv, RECURRENT),
            ("kernel_width", self.kernel_width.is_some(), conv, owner),
            ("max_positions", self.max_positions.is_some(), conv, owner),
        ];
        rows.into_iter().try_for_each(|(name, given, fits, owner)| {
            only(&format!("model.decoder.{name}"), given, fits, owner, kind)
        })
    }
}
