//! Encoders: from a source to the memory that attention reads.

mod recurrent;

use serde::{Deserialize, Serialize};

pub use recurrent::{DirectedLayer, RecurrentEncoder};

use burn::module::Module;
use burn::tensor::Tensor;

use crate::cell::{Cell, CellKind, Nonlinearity, State};
use crate::config::positive;
use crate::dropout::Noise;
use crate::error::ModelError;
use crate::initial::Initialiser;
use crate::padded::{Lengths, Padded};

/// The `[model.encoder]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EncoderConfig {
    /// Which member of the family.
    pub kind: CellKind,
    /// Recurrent layers.
    pub layers: usize,
    /// Whether a second walk reads from the end; the two directions share the size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bidirectional: Option<bool>,
    /// Units of the memory, both directions together; `model.hidden_size` unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_size: Option<usize>,
    /// What a simple recurrent cell does to its sum; `rnn` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonlinearity: Option<Nonlinearity>,
}

impl Default for EncoderConfig {
    fn default() -> Self {
        Self {
            kind: CellKind::Lstm,
            layers: 1,
            bidirectional: None,
            hidden_size: None,
            nonlinearity: None,
        }
    }
}

impl EncoderConfig {
    /// Whether the encoder reads in both directions; it does unless told otherwise.
    pub fn bidirectional(&self) -> bool {
        self.bidirectional.unwrap_or(true)
    }

    /// The size of the memory's vectors.
    pub fn memory_size(&self, hidden: usize) -> usize {
        self.hidden_size.unwrap_or(hidden)
    }

    pub(crate) fn effective(mut self, hidden: usize) -> Self {
        self.bidirectional.get_or_insert(true);
        self.hidden_size.get_or_insert(hidden);
        if self.kind == CellKind::Rnn {
            self.nonlinearity.get_or_insert_default();
        }
        self
    }

    pub(crate) fn check(&self, hidden: usize) -> Result<(), ModelError> {
        positive("model.encoder.layers", self.layers)?;
        let memory = self.memory_size(hidden);
        positive("model.encoder.hidden_size", memory)?;
        if self.bidirectional() && memory % 2 == 1 {
            return Err(ModelError::OutOfRange {
                key: "model.encoder.hidden_size".into(),
                value: memory.to_string(),
                range: "even: each direction of a bidirectional encoder gets half".into(),
            });
        }
        only_rnn("model.encoder", self.kind, self.nonlinearity)
    }

    /// The module, for a vocabulary of `vocabulary` and vectors of `embedding` units.
    pub fn init(
        &self,
        initial: &Initialiser,
        vocabulary: usize,
        embedding: usize,
        hidden: usize,
    ) -> Encoder {
        let cell = Cell::new(self.kind, self.nonlinearity);
        Encoder::Recurrent(RecurrentEncoder::new(
            &initial.part("encoder"),
            cell,
            vocabulary,
            embedding,
            self.memory_size(hidden),
            self.layers,
            self.bidirectional(),
        ))
    }
}

/// Refuses a nonlinearity for a cell that has its own.
pub(crate) fn only_rnn(
    table: &str,
    kind: CellKind,
    nonlinearity: Option<Nonlinearity>,
) -> Result<(), ModelError> {
    if nonlinearity.is_none() || kind == CellKind::Rnn {
        return Ok(());
    }
    Err(ModelError::MisplacedKey {
        key: format!("{table}.nonlinearity"),
        owner: "`kind = \"rnn\"`".into(),
        kind: kind.to_string(),
    })
}

/// What an encoder leaves of a batch.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// `[batch, source, memory]`; zero at padding.
    pub memory: Tensor<3>,
    /// The last state of each layer, both directions side by side, `[batch, memory]`.
    pub states: Vec<State>,
    /// Which positions are real.
    pub lengths: Lengths,
}

/// What every encoder of text does.
pub trait Encode {
    /// Encodes a batch. With `noise`, units are dropped.
    fn encode(&self, source: Padded<'_>, noise: Option<&Noise>) -> Encoded;
}

/// One member of the family.
#[derive(Module, Debug)]
pub enum Encoder {
    /// Recurrent layers of any cell.
    Recurrent(RecurrentEncoder),
}

impl Encode for Encoder {
    fn encode(&self, source: Padded<'_>, noise: Option<&Noise>) -> Encoded {
        match self {
            Encoder::Recurrent(encoder) => encoder.encode(source, noise),
        }
    }
}
