//! The `[model.encoder]` table.

use serde::{Deserialize, Serialize};

use super::recurrent::{LayerNorm, RecurrentConfig};
use super::rules::{RECURRENT, only, positive};
use crate::cell::{CellKind, Nonlinearity};
use crate::error::NetworkError;
use crate::kind::{EncoderKind, InitialState};

/// Most blocks of an image encoder: the last one has 128 times the channels of the first.
const MOST_BLOCKS: usize = 8;

/// The `[model.encoder]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EncoderConfig {
    /// Which member of the family.
    pub kind: EncoderKind,
    /// Recurrent layers, convolutions, or the blocks of an image encoder.
    pub layers: usize,
    /// Whether a second walk reads from the end; the two directions share the size. Recurrent only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bidirectional: Option<bool>,
    /// Units of the memory, both directions together; `model.hidden_size` unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_size: Option<usize>,
    /// Nonlinearity that a simple recurrent cell applies to its sum; `rnn` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonlinearity: Option<Nonlinearity>,
    /// Whether a layer's input is added to its output, from the second layer on; recurrent only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residual: Option<bool>,
    /// What is normalised; recurrent only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_norm: Option<LayerNorm>,
    /// State that the walks start from; recurrent only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_state: Option<InitialState>,
    /// Words that one convolution sees; `conv` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_width: Option<usize>,
    /// Positions with a vector of their own: of words, or columns of an image's memory; `conv` and
    /// `image` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_positions: Option<usize>,
    /// Channels of the first block; each further block has twice as many; `image` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<usize>,
    /// Rows of pixels of every image; `image` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<usize>,
    /// Numbers of one pixel, 1 for grey and 3 for colour; `image` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_channels: Option<usize>,
}

impl Default for EncoderConfig {
    fn default() -> Self {
        Self {
            kind: EncoderKind::Lstm,
            layers: 1,
            bidirectional: None,
            hidden_size: None,
            nonlinearity: None,
            residual: None,
            layer_norm: None,
            initial_state: None,
            kernel_width: None,
            max_positions: None,
            channels: None,
            height: None,
            input_channels: None,
        }
    }
}

impl RecurrentConfig for EncoderConfig {
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

impl EncoderConfig {
    /// Whether the encoder reads in both directions; a recurrent one does unless told otherwise.
    pub fn bidirectional(&self) -> bool {
        self.kind.cell().is_some() && self.bidirectional.unwrap_or(true)
    }

    /// Whether the encoder reads images, and not words.
    pub fn reads_images(&self) -> bool {
        self.kind == EncoderKind::Image
    }

    /// The size of the memory's vectors.
    pub fn memory_size(&self, hidden: usize) -> usize {
        self.hidden_size.unwrap_or(hidden)
    }

    /// Words that one convolution sees.
    pub fn kernel_width(&self) -> usize {
        self.kernel_width.unwrap_or(3)
    }

    /// Positions with a vector of their own.
    pub fn max_positions(&self) -> usize {
        self.max_positions.unwrap_or(1024)
    }

    /// Channels of an image encoder's first block.
    pub fn channels(&self) -> usize {
        self.channels.unwrap_or(32)
    }

    /// Rows of pixels of every image.
    pub fn height(&self) -> usize {
        self.height.unwrap_or(32)
    }

    /// Rows and columns of the memory of an image of `height` x `width` pixels. Its places lie in reading order: place p
    /// is in row p / columns and column p % columns.
    pub fn grid(&self, height: usize, width: usize) -> [usize; 2] {
        [height, width].map(|pixels| pixels.div_ceil(1 << self.layers))
    }

    /// Numbers of one pixel.
    pub fn input_channels(&self) -> usize {
        self.input_channels.unwrap_or(1)
    }

    pub(crate) fn effective(mut self, hidden: usize) -> Self {
        self.hidden_size.get_or_insert(hidden);
        if self.kind.cell().is_some() {
            self.bidirectional.get_or_insert(true);
            self.residual.get_or_insert(false);
            self.layer_norm.get_or_insert_default();
            self.initial_state.get_or_insert_default();
        } else {
            self.max_positions = Some(self.max_positions());
        }
        match self.kind {
            EncoderKind::Rnn => drop(self.nonlinearity.get_or_insert_default()),
            EncoderKind::Conv => self.kernel_width = Some(self.kernel_width()),
            EncoderKind::Image => {
                self.channels = Some(self.channels());
                self.height = Some(self.height());
                self.input_channels = Some(self.input_channels());
            }
            EncoderKind::Gru | EncoderKind::Lstm => {}
        }
        self
    }

    pub(crate) fn check(&self, hidden: usize) -> Result<(), NetworkError> {
        self.check_owners()?;
        positive("model.encoder.layers", self.layers)?;
        let memory = self.memory_size(hidden);
        positive("model.encoder.hidden_size", memory)?;
        if self.bidirectional() && memory % 2 == 1 {
            return Err(NetworkError::OutOfRange {
                key: "model.encoder.hidden_size".into(),
                value: memory.to_string(),
                range: "even: each direction of a bidirectional encoder gets half".into(),
            });
        }
        positive("model.encoder.kernel_width", self.kernel_width())?;
        positive("model.encoder.max_positions", self.max_positions())?;
        positive("model.encoder.channels", self.channels())?;
        positive("model.encoder.height", self.height())?;
        positive("model.encoder.input_channels", self.input_channels())?;
        // Each block doubles the channels.
        if self.kind == EncoderKind::Image && self.layers > MOST_BLOCKS {
            return Err(NetworkError::OutOfRange {
                key: "model.encoder.layers".into(),
                value: self.layers.to_string(),
                range: format!("at most {MOST_BLOCKS} for an image encoder"),
            });
        }
        Ok(())
    }

    /// Refuses keys of other kinds.
    fn check_owners(&self) -> Result<(), NetworkError> {
        use EncoderKind::{Conv, Image, Rnn};
        let kind = self.kind;
        let recurrent = kind.cell().is_some();
        let (conv, image) = ("`kind = \"conv\"`", "`kind = \"image\"`");
        let both = "`kind = \"conv\"` and `kind = \"image\"`";
        let rows = [
            (
                "bidirectional",
                self.bidirectional.is_some(),
                recurrent,
                RECURRENT,
            ),
            (
                "nonlinearity",
                self.nonlinearity.is_some(),
                kind == Rnn,
                "`kind = \"rnn\"`",
            ),
            ("residual", self.residual.is_some(), recurrent, RECURRENT),
            (
                "layer_norm",
                self.layer_norm.is_some(),
                recurrent,
                RECURRENT,
            ),
            (
                "initial_state",
                self.initial_state.is_some(),
                recurrent,
                RECURRENT,
            ),
            (
                "kernel_width",
                self.kernel_width.is_some(),
                kind == Conv,
                conv,
            ),
            (
                "max_positions",
                self.max_positions.is_some(),
                !recurrent,
                both,
            ),
            ("channels", self.channels.is_some(), kind == Image, image),
            ("height", self.height.is_some(), kind == Image, image),
            (
                "input_channels",
                self.input_channels.is_some(),
                kind == Image,
                image,
            ),
        ];
        rows.into_iter().try_for_each(|(name, given, fits, owner)| {
            only(&format!("model.encoder.{name}"), given, fits, owner, kind)
        })
    }
}
