//! Residual connections and normalisation of a recurrent layer's output, before the next layer reads it.

use super::part::parts;
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
    /// For `layers` layers of `size` units.
    pub(super) fn new(layers: usize, size: usize, residual: bool, layer_norm: bool) -> Self {
        let norm = || LayerNorm {
            gain: [size].into(),
            bias: [size].into(),
        };
        let norms = if layer_norm { layers } else { 0 };
        Self {
            norms: (0..norms).map(|_| norm()).collect(),
            residual,
        }
    }
}
