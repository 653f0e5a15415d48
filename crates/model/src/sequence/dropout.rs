//! Dropout on the CPU's own kernels.

use burn::tensor::Tensor;
use kernels::dropout::dropout;

use crate::host::{Back, Operand, Operation, apply};

#[derive(Debug)]
struct Dropout {
    factors: Vec<f32>,
}

impl Operation<1, 1> for Dropout {
    type Saved = ();

    fn forward(&self, [values]: [&[f32]; 1], _gradients: bool) -> ([Vec<f32>; 1], ()) {
        ([dropout(values, &self.factors)], ())
    }

    fn backward(self, back: Back<'_, (), 1, 1>) -> [Vec<f32>; 1] {
        let gradient = dropout(back.gradients[0], &self.factors);
        kernels::memory::reuse(self.factors);
        [gradient]
    }
}

/// `values` times `factors`, which all time steps may share.
pub(super) fn fused(values: Tensor<3>, factors: Vec<f32>) -> Tensor<3> {
    let shape = values.dims();
    let [dropped] = apply(Dropout { factors }, [Operand::new(values)], [&shape]);
    dropped.tensor()
}
