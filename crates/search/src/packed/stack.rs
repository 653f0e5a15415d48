//! Residual connections and normalisation of a layer's states, before anything but its own next step reads them.

use kernels::buffer::Buffer;
use kernels::instruction_sets::Capped;
use network::{Values, tree};
use operations::layer_norm::cpu::Norm;
use operations::layer_norm::cpu::Normalise;

/// Residual connections and normalisation of the states of stacked layers.
#[derive(Debug)]
pub(super) struct Stack(pub tree::Stack<Values>);

impl Stack {
    /// Returns the output of the layer at `depth`, from its `states` and the output of the layer below, both
    /// `[.., units]`; `None` where it gives its states as they are.
    pub(super) fn finish(
        &self,
        depth: usize,
        states: &Buffer,
        below: Option<&[f32]>,
    ) -> Option<Buffer> {
        let below = below.filter(|_| self.0.residual && depth > 0);
        let norm = self.0.norms.get(depth);
        if below.is_none() && norm.is_none() {
            return None;
        }
        let mut sums = states.clone();
        for (sum, below) in sums.iter_mut().zip(below.unwrap_or_default()) {
            *sum += below;
        }
        let Some(weights) = norm else {
            return Some(sums);
        };
        let norm = Norm {
            gain: &weights.gain.data,
            bias: &weights.bias.data,
        };
        let mut outputs = Buffer::new(sums.len());
        let units = weights.gain.data.len();
        let rows = sums.chunks_exact_mut(units);
        for (values, output) in rows.zip(outputs.chunks_exact_mut(units)) {
            Normalise {
                norm,
                values,
                output,
            }
            .run();
        }
        Some(outputs)
    }
}
