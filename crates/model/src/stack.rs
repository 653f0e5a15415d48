//! What is done to a recurrent layer's output before the next layer reads it.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::initial::Initialiser;
use crate::layer_norm::LayerNorm;

/// Residual connections (He et al. 2016) between stacked layers, and layer normalisation (Ba et al.
/// 2016) of each layer's output, after the sum as in Vaswani et al. (2017): LN(h + x) for a layer
/// with input x and hidden states h, LN(h) for the first, which reads word vectors. What goes from
/// one time step to the next is h itself.
#[derive(Module, Debug)]
pub struct Stack {
    /// Of each layer, bottom first; empty without normalisation.
    pub norms: Vec<LayerNorm>,
    /// Whether a layer's input is added to its output, from the second layer on.
    #[module(skip)]
    pub residual: bool,
}

impl Stack {
    /// For `layers` layers of `size` units.
    pub fn new(
        initial: &Initialiser,
        layers: usize,
        size: usize,
        residual: bool,
        layer_norm: bool,
    ) -> Self {
        let norms = if layer_norm { layers } else { 0 };
        Self {
            norms: (0..norms).map(|_| LayerNorm::new(initial, size)).collect(),
            residual,
        }
    }

    /// Whether outputs go on as they are, for `layers` layers.
    pub fn is_plain(&self, layers: usize) -> bool {
        self.norms.is_empty() && !(self.residual && layers > 1)
    }

    /// Whether the layer at `depth` needs its input again.
    pub fn keeps(&self, depth: usize) -> bool {
        self.residual && depth > 0
    }

    /// What the layer at `depth` gives: `input` is there where [`Stack::keeps`] holds.
    pub fn finish<const D: usize>(
        &self,
        depth: usize,
        output: Tensor<D>,
        input: Option<Tensor<D>>,
    ) -> Tensor<D> {
        let sum = match input {
            Some(input) => output + input,
            None => output,
        };
        match self.norms.get(depth) {
            Some(norm) => norm.forward(sum),
            None => sum,
        }
    }
}
