//! Residual connections and layer normalisation of a recurrent layer's output, before the next layer reads it.

use burn::module::Module;

use crate::initial::Initialiser;
use crate::layer_norm::LayerNorm;
use network::config::RecurrentConfig;
use operations::stack;

/// See [`operations::stack`].
#[derive(Module, Debug)]
pub struct Stack {
    /// Of each layer, bottom first; empty without normalisation.
    pub norms: Vec<LayerNorm>,
    /// Whether a layer's input is added to its output, from the second layer on.
    #[module(skip)]
    pub residual: bool,
}

impl Stack {
    /// For layers of `size` units that `config` describes.
    pub fn new(initial: &Initialiser, config: &impl RecurrentConfig, size: usize) -> Self {
        let norms = match config.normalises_outputs() {
            true => config.layers(),
            false => 0,
        };
        Self {
            norms: (0..norms).map(|_| LayerNorm::new(initial, size)).collect(),
            residual: config.adds_inputs(),
        }
    }

    /// Returns the parameters of the layers' normalisation, and whether there are residual connections.
    pub fn parameters(&self) -> stack::Stack {
        stack::Stack {
            norms: self.norms.iter().map(LayerNorm::parameters).collect(),
            residual: self.residual,
        }
    }
}
