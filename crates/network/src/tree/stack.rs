//! Residual connections and normalisation of a recurrent layer's output, before the next layer reads it.

use super::part::parts;
use crate::config::RecurrentConfig;
use crate::shape::Shape;

parts! {
    /// Layer normalisation (Ba et al. 2016, equation 4).
    pub struct LayerNorm {
        /// `[size]`
        value gain: T,
        /// `[size]`
        value bias: T,
    }

    /// Residual connections (He et al. 2016) between stacked layers, and layer normalisation of each layer's output.
    pub struct Stack {
        /// Of each layer, bottom first; empty without normalisation.
        part norms: Vec<LayerNorm<T>>,
        /// Whether a layer's input is added to its output, from the second layer on.
        known residual: bool,
    }
}

impl Stack<Shape> {
    /// For layers of `size` units that `config` describes.
    pub(super) fn new(config: &impl RecurrentConfig, size: usize) -> Self {
        let norm = || LayerNorm {
            gain: [size].into(),
            bias: [size].into(),
        };
        let norms = match config.normalises_outputs() {
            true => config.layers(),
            false => 0,
        };
        Self {
            norms: (0..norms).map(|_| norm()).collect(),
            residual: config.adds_inputs(),
        }
    }
}
