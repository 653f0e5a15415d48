//! Decoders: from a memory to the states that predict the target.

mod recurrent;

use serde::{Deserialize, Serialize};

pub use recurrent::{DecoderState, RecurrentDecoder, Source, Step};

use crate::cell::{CellKind, Nonlinearity};
use crate::config::positive;
use crate::encoder::only_rnn;
use crate::error::ModelError;

/// Where a decoder without attention sees the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContextKind {
    /// In its first state only (Sutskever et al. 2014).
    Initial,
    /// Beside the word at every step too (Cho et al. 2014).
    EveryStep,
}

/// The `[model.decoder]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DecoderConfig {
    /// Which cell.
    pub kind: CellKind,
    /// Recurrent layers.
    pub layers: usize,
    /// A decoder writes from left to right: only `false` is possible.
    #[serde(skip_serializing)]
    pub bidirectional: Option<bool>,
    /// What a simple recurrent cell does to its sum; `rnn` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonlinearity: Option<Nonlinearity>,
}

impl Default for DecoderConfig {
    fn default() -> Self {
        Self {
            kind: CellKind::Lstm,
            layers: 1,
            bidirectional: None,
            nonlinearity: None,
        }
    }
}

impl DecoderConfig {
    pub(crate) fn effective(mut self) -> Self {
        if self.kind == CellKind::Rnn {
            self.nonlinearity.get_or_insert_default();
        }
        self
    }

    pub(crate) fn check(&self) -> Result<(), ModelError> {
        positive("model.decoder.layers", self.layers)?;
        if self.bidirectional == Some(true) {
            return Err(ModelError::CannotCombine {
                first: "model.decoder".into(),
                second: "bidirectional = true".into(),
                reason: "a decoder writes from left to right and cannot read words it has not \
                         written; remove the key"
                    .into(),
            });
        }
        only_rnn("model.decoder", self.kind, self.nonlinearity)
    }
}
