//! Residual connections and layer normalisation of a recurrent layer's output, before the next layer reads it.

use burn::tensor::Tensor;

use crate::layer_norm::Norm;

/// Residual connections (He et al. 2016) between stacked layers, and layer normalisation (Ba et al.
/// 2016) of each layer's output, after the sum as in Vaswani et al. (2017): LN(h + x) for a layer
/// with input x and hidden states h, LN(h) for the first, which reads word vectors. What goes from
/// one time step to the next is h itself.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Of each layer, bottom first; empty without normalisation.
    pub norms: Vec<Norm>,
    /// Whether a layer's input is added to its output, from the second layer on.
    pub residual: bool,
}

impl Stack {
    /// Whether outputs go on as they are, for `layers` layers.
    pub fn is_plain(&self, layers: usize) -> bool {
        self.norms.is_empty() && !(self.residual && layers > 1)
    }

    /// Whether the layer at `depth` needs its input again.
    pub fn keeps(&self, depth: usize) -> bool {
        self.residual && depth > 0
    }

    /// Adds `input`, given where [`Stack::keeps`] holds, to the output of the layer at `depth` and normalises it.
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
