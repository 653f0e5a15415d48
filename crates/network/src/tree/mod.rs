//! The tree of parameters. What stands in it is called as in stored models: `decoder.attention.key.weight`.
//!
//! Weights multiply from the right, `[input, output]`; gates lie side by side in PyTorch's order.

mod attention;
mod bridge;
mod convolution;
mod decoder;
mod encoder;
mod layer;
mod linear;
mod output;
mod part;
mod pool;
mod stack;

pub use attention::{Attention, Heads};
pub use bridge::Bridge;
pub use convolution::{Convolution, ImageBlock, Positions};
pub use decoder::*;
pub use encoder::{
    ConvEncoder, DirectedLayer, Encoder, ImageEncoder, LearnedState, RecurrentEncoder,
};
pub use layer::RecurrentLayer;
pub use linear::Linear;
pub use output::Output;
pub use part::{Change, Part, Path};
pub use pool::{Pool, TimeLayer};
pub use stack::{LayerNorm, Stack};

use part::parts;

use crate::config::ModelConfig;
use crate::error::NetworkError;
use crate::shape::Shape;
use crate::values::{Parameters, Values};

parts! {
    /// An encoder-decoder.
    pub struct Network {
        /// From the source to a memory.
        part encoder: Encoder<T>,
        /// From the memory to states.
        part decoder: Decoder<T>,
        /// From states to words.
        part output: Output<T>,
    }
}

impl<T> Network<T> {
    /// Shows `see` the name and value of each parameter.
    pub fn visit<'a>(&'a self, mut see: impl FnMut(&str, &'a T)) {
        Part::visit(self, &mut Path::default(), &mut see);
    }

    /// The network with what `change` makes of the name and value of each parameter.
    ///
    /// # Errors
    /// The first that `change` gives.
    pub fn try_map<U>(
        self,
        mut change: impl FnMut(&str, T) -> Result<U, NetworkError>,
    ) -> Result<Network<U>, NetworkError> {
        Part::try_map(self, &mut Path::default(), &mut change)
    }
}

impl Network<Shape> {
    /// Returns the shapes of the network that `config` describes, for a source and a target vocabulary of these sizes.
    /// An encoder of images has no source vocabulary.
    ///
    /// # Errors
    /// See [`ModelConfig::check`].
    pub fn new(
        config: &ModelConfig,
        [source_words, target_words]: [usize; 2],
    ) -> Result<Self, NetworkError> {
        config.check()?;
        Ok(Self {
            encoder: Encoder::new(config, source_words),
            decoder: Decoder::new(config, target_words),
            output: Output::new(config, target_words),
        })
    }

    /// How many numbers all parameters have together.
    pub fn size(&self) -> usize {
        let mut sum = 0;
        self.visit(|_, shape| sum += shape.size());
        sum
    }

    /// The network with the values of `parameters`.
    ///
    /// # Errors
    /// When a parameter is missing, left over or of another shape.
    pub fn fill(self, mut parameters: Parameters) -> Result<Network<Values>, NetworkError> {
        let filled = self.try_map(|name, Shape(expected)| {
            let Some(values) = parameters.remove(name) else {
                let name = name.to_owned();
                return Err(NetworkError::MissingParameter { name });
            };
            if values.shape == expected {
                return Ok(values);
            }
            Err(NetworkError::ParameterShape {
                name: name.to_owned(),
                expected,
                found: values.shape,
            })
        })?;
        match parameters.into_keys().next() {
            Some(name) => Err(NetworkError::UnknownParameter { name }),
            None => Ok(filled),
        }
    }
}

impl Network<Values> {
    /// The values by name.
    pub fn into_parameters(self) -> Parameters {
        let mut found = Parameters::new();
        let kept = self.try_map(|name, values| {
            found.insert(name.to_owned(), values);
            Ok(())
        });
        debug_assert!(kept.is_ok(), "nothing can fail here");
        found
    }
}
