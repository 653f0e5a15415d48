//! Encoders.

use super::convolution::{Convolution, ImageBlock, Positions};
use super::layer::RecurrentLayer;
use super::linear::Linear;
use super::part::{Change, Part, Path, parts};
use super::stack::Stack;
use crate::cell::Cell;
use crate::config::{ModelConfig, RecurrentConfig};
use crate::error::NetworkError;
use crate::kind::{EncoderKind, InitialState};
use crate::shape::{Shape, Shaped};

parts! {
    /// One layer in one or two directions.
    pub struct DirectedLayer {
        /// From the first token to the last.
        part forward: RecurrentLayer<T>,
        /// From each sentence's own last token to the first.
        part backward: Option<RecurrentLayer<T>>,
    }

    /// The learned first states of a layer.
    pub struct LearnedState {
        /// Of each direction, `[directions, hidden]`.
        value hidden: T,
        /// The same for cells with a cell state.
        maybe cell: Option<T>,
    }

    /// Word vectors and recurrent layers.
    pub struct RecurrentEncoder {
        /// `[vocabulary, embedding]`
        value embedding: T,
        /// Bottom layer first.
        part layers: Vec<DirectedLayer<T>>,
        /// Of each layer; empty where layers start from zeros.
        part starts: Vec<LearnedState<T>>,
        /// Residual connections and normalisation of the layers' outputs.
        part stack: Stack<T>,
    }

    /// Word vectors with learned positions and gated convolutions (Gehring et al. 2017).
    pub struct ConvEncoder {
        /// `[vocabulary, embedding]`
        value embedding: T,
        /// Vectors of `embedding` numbers.
        part positions: Positions<T>,
        /// W_e and b_e, `[embedding, memory]`.
        part enter: Linear<T>,
        /// Bottom layer first.
        part convolutions: Vec<Convolution<T>>,
    }

    /// A convolutional network over images.
    pub struct ImageEncoder {
        /// Bottom block first.
        part blocks: Vec<ImageBlock<T>>,
        /// `[channels, memory]`
        part enter: Linear<T>,
        /// Vectors of `memory` numbers.
        part rows: Positions<T>,
        /// Vectors of `memory` numbers.
        part columns: Positions<T>,
    }
}

/// One member of the family.
#[derive(Debug, Clone, PartialEq)]
pub enum Encoder<T> {
    /// Recurrent layers of any cell.
    Recurrent(RecurrentEncoder<T>),
    /// Gated convolutions over words.
    Conv(ConvEncoder<T>),
    /// Convolutions over images.
    Image(ImageEncoder<T>),
}

impl<T> Part for Encoder<T> {
    type Value = T;
    type With<U> = Encoder<U>;

    fn try_map<U>(
        self,
        path: &mut Path,
        change: &mut Change<'_, T, U>,
    ) -> Result<Encoder<U>, NetworkError> {
        Ok(match self {
            Encoder::Recurrent(encoder) => Encoder::Recurrent(encoder.try_map(path, change)?),
            Encoder::Conv(encoder) => Encoder::Conv(encoder.try_map(path, change)?),
            Encoder::Image(encoder) => Encoder::Image(encoder.try_map(path, change)?),
        })
    }

    fn visit<'a>(&'a self, path: &mut Path, see: &mut dyn FnMut(&str, &'a T)) {
        match self {
            Encoder::Recurrent(encoder) => encoder.visit(path, see),
            Encoder::Conv(encoder) => encoder.visit(path, see),
            Encoder::Image(encoder) => encoder.visit(path, see),
        }
    }
}

impl Encoder<Shape> {
    pub(super) fn new(config: &ModelConfig, words: usize) -> Self {
        let part = &config.encoder;
        let (embedding, size) = (config.embedding_size, part.memory_size(config.hidden_size));
        match part.cell() {
            Some(cell) => Encoder::Recurrent(RecurrentEncoder::new(config, cell, words)),
            None if part.kind == EncoderKind::Conv => Encoder::Conv(ConvEncoder {
                embedding: [words, embedding].into(),
                positions: Positions::new(part.max_positions(), embedding),
                enter: Linear::new(embedding, size, true),
                convolutions: (0..part.layers)
                    .map(|_| Convolution::new(part.kernel_width(), size))
                    .collect(),
            }),
            None => {
                let channels = |blocks: usize| part.channels() << (blocks - 1);
                let input = |block: usize| match block {
                    0 => part.input_channels(),
                    _ => channels(block),
                };
                Encoder::Image(ImageEncoder {
                    blocks: (0..part.layers)
                        .map(|block| ImageBlock::new(input(block), channels(block + 1)))
                        .collect(),
                    enter: Linear::new(channels(part.layers), size, true),
                    rows: Positions::new(part.height().div_ceil(1 << part.layers), size),
                    columns: Positions::new(part.max_positions(), size),
                })
            }
        }
    }
}

impl RecurrentEncoder<Shape> {
    fn new(config: &ModelConfig, cell: Cell, words: usize) -> Self {
        let part = &config.encoder;
        let bidirectional = part.bidirectional();
        let (embedding, size) = (config.embedding_size, part.memory_size(config.hidden_size));
        let directions = 1 + usize::from(bidirectional);
        let hidden = size / directions;
        let layer = |layer: usize| {
            let input = if layer == 0 { embedding } else { size };
            let direction = || RecurrentLayer::new(part, input, hidden);
            DirectedLayer {
                forward: direction(),
                backward: bidirectional.then(direction),
            }
        };
        let learned = match part.initial_state.unwrap_or_default() {
            InitialState::Zero => 0,
            InitialState::Learned => part.layers,
        };
        let state = || LearnedState {
            hidden: [directions, hidden].into(),
            cell: cell.has_cell_state().then(|| [directions, hidden].into()),
        };
        Self {
            embedding: [words, embedding].into(),
            layers: (0..part.layers).map(layer).collect(),
            starts: (0..learned).map(|_| state()).collect(),
            stack: Stack::new(part, size),
        }
    }
}

impl<T: Shaped> Encoder<T> {
    /// Numbers of a vector of the memory.
    pub fn memory_size(&self) -> usize {
        match self {
            Encoder::Recurrent(encoder) => {
                let top = &encoder.layers[encoder.layers.len() - 1];
                let directions = 1 + usize::from(top.backward.is_some());
                directions * top.forward.hidden_size()
            }
            Encoder::Conv(encoder) => encoder.enter.outputs(),
            Encoder::Image(encoder) => encoder.enter.outputs(),
        }
    }
}
